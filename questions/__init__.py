"""What visitors ask about a cluster: passed on by mail once the sender's address proved itself."""
