"""What public forms share: guards against programs, limits, messages. It knows no other app of the portal."""
