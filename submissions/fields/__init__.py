"""What a submission may say about a cluster: one list of fields for form, API, spreadsheets and review."""
