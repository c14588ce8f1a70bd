"""Every outgoing mail as a row: written first, sent by a worker, settled by a sweep."""
