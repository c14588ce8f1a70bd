"""What reviewers read: the queue, the difference to the live row, possible duplicates, age. Reads only."""
