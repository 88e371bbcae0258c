"""Operations of the API: what a request may say, what it does, and the answer."""
