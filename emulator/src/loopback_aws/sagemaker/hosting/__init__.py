"""What runs behind endpoints: model data, processes, fleets of them, and their replacement without a gap."""
