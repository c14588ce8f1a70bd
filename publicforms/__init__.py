"""What public forms share: guards against programs, limits, messages, signed links. It knows no other app of ours."""
