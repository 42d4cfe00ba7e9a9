"""What schemathesis does not know by itself: a zip is sent as the bytes it is."""

import io
import zipfile

import schemathesis


@schemathesis.serializer("application/zip")
def zipped(_context, value):
    """Random bytes go out as they are; any other value as the only file of a real archive."""
    if isinstance(value, bytes):
        return value
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("company.toml", str(value))
    return archive.getvalue()
