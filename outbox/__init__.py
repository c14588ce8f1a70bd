"""Every outgoing mail as a row: written first, sent by a worker; a sweep decides about those that a crash left."""
