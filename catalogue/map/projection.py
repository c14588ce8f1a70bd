"""From degrees to map units: Lambert azimuthal equal area around the middle of Europe."""

from math import cos, radians, sin, sqrt

#: The centre that the statistical maps of the EU use (EPSG 3035).
CENTRE_LATITUDE, CENTRE_LONGITUDE = 52.0, 10.0
#: Map units per earth radius: Europe becomes about 1,000 units wide.
SCALE = 1450.0

_SIN0, _COS0 = sin(radians(CENTRE_LATITUDE)), cos(radians(CENTRE_LATITUDE))


def project(latitude: float, longitude: float) -> tuple[float, float]:
    """Return the point in map units: x to the right, y downwards, the centre at (0, 0).

    Arguments are degrees (WGS 84) anywhere but at the antipode of the centre. The earth is taken as a
    sphere; formula: J. P. Snyder, Map Projections: A Working Manual (USGS 1395), eq. 24-2 to 24-4.
    """
    phi, lam = radians(latitude), radians(longitude - CENTRE_LONGITUDE)
    cos_c = _SIN0 * sin(phi) + _COS0 * cos(phi) * cos(lam)
    k = sqrt(2 / max(1 + cos_c, 1e-9))
    x = k * cos(phi) * sin(lam)
    y = k * (_COS0 * sin(phi) - _SIN0 * cos(phi) * cos(lam))
    return x * SCALE, -y * SCALE
