"""What public forms and pages share: who a visitor is. Knows no other app."""
