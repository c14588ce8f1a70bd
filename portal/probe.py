"""Ask the web process of this machine whether it is ready; the exit code is the answer (for Docker)."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """Print what /health/ready answers; 0 when it is ready."""
    # The portal answers only to its own names.
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".*") or "localhost"
    address = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/health/ready"
    request = urllib.request.Request(address, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310 our own address
            sys.stdout.write(answer.read().decode())
    except urllib.error.HTTPError as error:
        sys.stdout.write(error.read().decode(errors="replace")[:500])
        return 1
    except OSError as error:
        sys.stdout.write(f"no answer: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
