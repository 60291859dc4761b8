"""Pictures as cameras upload them: small but valid JPEG files with IQeye headers, made quickly."""

import datetime
import json
import os
import struct
import zoneinfo

MAC = bytes.fromhex("00501a022cbe")
START_MS = 1400510841748  # 2014-05-19T14:47:21.748Z


def mac_of(number):
    """A camera's MAC under IQinVision's OUI."""
    return bytes.fromhex("00501a") + struct.pack(">I", number)[1:]


def mac_text(mac, joint=":"):
    return joint.join("%02x" % byte for byte in mac)


def rfc3339(time_ms):
    """As the API writes times."""
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=time_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (time_ms % 1000)


def segment(marker, payload):
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _bits(text):
    text += "1" * (-len(text) % 8)
    data = bytes(int(text[at:at + 8], 2) for at in range(0, len(text), 8))
    return data.replace(b"\xff", b"\xff\x00")


_scans = {}


def _scan(width, height, shade):
    """Grey blocks of one shade (-127..-64 or 64..127 from the middle; 0: the middle)."""
    key = (width, height, shade)
    if key not in _scans:
        blocks = ((width + 7) // 8) * ((height + 7) // 8)
        first = "0"
        if shade:
            first = "10" + format(shade if shade > 0 else shade + 127, "07b")
        _scans[key] = _bits(first + "0" + "00" * (blocks - 1))
    return _scans[key]


JFIF = segment(0xE0, b"JFIF\x00\x01\x02\x01\x00\x60\x00\x60\x00\x00")
_TABLES = (segment(0xDB, b"\x00" + b"\x08" * 64)
           + segment(0xC4, b"\x00" + bytes([1, 1]) + bytes(14) + b"\x00\x07")
           + segment(0xC4, b"\x10" + bytes([1]) + bytes(15) + b"\x00"))


def jpeg(comments=b"", width=64, height=48, shade=0, size=0, after=b""):
    """A baseline JPEG that any decoder takes. `comments` are whole segments put behind JFIF; the
    file is filled up to `size` bytes; `after` follows the end of the picture."""
    head = b"\xff\xd8" + JFIF + comments
    frame = segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0))
    tail = (_TABLES + frame + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
            + _scan(width, height, shade) + b"\xff\xd9")
    fill, missing = b"", size - len(head) - len(tail)
    while missing > 4:
        piece = min(missing, 65535 + 2)
        if 0 < missing - piece <= 4:
            piece -= 8
        fill += segment(0xEF, bytes(piece - 4))
        missing -= piece
    return head + fill + tail + after


def iqeye_comments(time_ms, mac=MAC, code=0x3B, sequence=None, kinds=("motion",), windows=()):
    """The two comments of an IQeye camera."""
    facts = {"sequence": time_ms // 55 if sequence is None else sequence, "time": time_ms,
             "event": list(kinds)}
    if windows:
        facts["motionWindows"] = list(windows)
    facts["imgjdbg"] = " 291/020:20/480/005:081/107/07/4/50/70/20/17:06/07/06:d4"
    text = json.dumps({"IQimage": facts}, separators=(",", ":")).encode()
    return segment(0xFE, mac + bytes([code])) + segment(0xFE, text)


def iqeye_jpeg(time_ms, mac=MAC, code=0x3B, sequence=None, kinds=None, windows=(), **picture):
    """A picture of an IQeye camera; its kind is motion when windows fired, else none."""
    if kinds is None:
        kinds = ("motion",) if windows else ("none",)
    return jpeg(iqeye_comments(time_ms, mac, code, sequence, kinds, windows), **picture)


def iqeye_path(time_ms, mac=MAC, trigger="trig+00", zone="UTC"):
    """`$SH/$SD(%Y)-$SD(%m)-$SD(%d)/$SD(%H)` + `$ST.$MSE.$FN`: no two frames of a camera share it."""
    local = datetime.datetime.fromtimestamp(time_ms / 1000, zoneinfo.ZoneInfo(zone))
    return "%s/%s/%s.%d.%s.jpg" % (mac_text(mac, "_"), local.strftime("%Y-%m-%d/%H"),
                                   local.strftime("%H_%M_%S"), time_ms, trigger)


def write_picture(root, time_ms, mac=MAC, trigger="trig+00", zone="UTC", path=None, mtime_ms=None,
                  **picture):
    """Puts an IQeye picture where its camera would; gives the path below root. Its modification
    time is its capture time unless told, so that nothing looks as if it were still being written."""
    path = path or iqeye_path(time_ms, mac, trigger, zone)
    whole = os.path.join(root, path)
    data = iqeye_jpeg(time_ms, mac, **picture)
    try:
        with open(whole, "wb") as file:
            file.write(data)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as file:
            file.write(data)
    mtime = time_ms if mtime_ms is None else mtime_ms
    os.utime(whole, ns=(mtime * 10**6, mtime * 10**6))
    return path


def events_of(times_ms, dwell_ms=3000):
    """The truth events are held against: [(start, end, frames)] of one camera's capture times."""
    events = []
    for time_ms in sorted(times_ms):
        if events and time_ms - events[-1][1] <= dwell_ms:
            events[-1] = (events[-1][0], time_ms, events[-1][2] + 1)
        else:
            events.append((time_ms, time_ms, 1))
    return events
