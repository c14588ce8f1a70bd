"""The only app that opens connections to strangers: websites and domains that somebody submitted."""
