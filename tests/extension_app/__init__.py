"""An app that adds one of everything to the others, which know nothing of it (docs/architecture.md, "Extension points").

It is installed in the tests only. What it registers is there only for those that ask for the fixture ``extension_app``.
"""
