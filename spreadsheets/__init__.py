"""Reading and writing of spreadsheets, for every app. Knows no other app."""
