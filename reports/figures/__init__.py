"""From inferences to counts by the hour, figures, verdict, and the document that holds them all."""
