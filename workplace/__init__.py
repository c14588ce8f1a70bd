"""What all staff pages share, and the points where other apps extend them. Knows no other app."""
