"""The consortium behind the portal: project, partners, editable pages and staff groups."""
