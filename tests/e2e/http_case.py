"""What the tests of the HTTP interface share: a filled server, and a validator of its answers."""

import os
import re

from cctvweb import *

CAMERA = "00_50_1a_02_2c_be"
SECOND = mac_of(7)


def validate(document, schema, value, where="$"):
    """A JSON Schema validator for the words the OpenAPI document uses. Unknown members are wrong:
    what is answered has to be described."""
    if "$ref" in schema:
        name = schema["$ref"]
        schema = document
        for part in name.split("/")[1:]:
            schema = schema[part]
    if "oneOf" in schema:
        wrong = []
        for choice in schema["oneOf"]:
            try:
                return validate(document, choice, value, where)
            except AssertionError as error:
                wrong.append(str(error))
        raise AssertionError("%s: %s" % (where, wrong))
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    is_type = {
        "object": isinstance(value, dict), "array": isinstance(value, list),
        "string": isinstance(value, str), "null": value is None,
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, (int, float)) and not isinstance(value, bool)}
    assert not types or any(is_type[name] for name in types), "%s: %r is no %s" % (where, value, types)
    if "enum" in schema:
        assert value in schema["enum"], "%s: %r" % (where, value)
    if "const" in schema:
        assert value == schema["const"], "%s: %r" % (where, value)
    if isinstance(value, str) and "pattern" in schema:
        assert re.search(schema["pattern"], value), "%s: %r" % (where, value)
    if isinstance(value, str) and schema.get("format") == "date-time":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value), "%s: %r" % (where, value)
    if isinstance(value, (int, float)) and "minimum" in schema:
        assert value >= schema["minimum"], "%s: %r" % (where, value)
    if isinstance(value, dict):
        for name in schema.get("required", []):
            assert name in value, "%s has no %s" % (where, name)
        for name, member in value.items():
            below = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if below is None:
                assert "properties" not in schema, "%s.%s is not described" % (where, name)
                continue
            validate(document, below, member, where + "." + name)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            validate(document, schema["items"], item, "%s[%d]" % (where, number))


class Filled(Case):
    """A server over a hundred frames in three events of one camera and a few of another."""

    def setUp(self):
        super().setUp()
        self.times = [START_MS + i * 500 for i in range(50)]
        self.times += [START_MS + 60000 + i * 500 for i in range(30)]
        self.times += [START_MS + 3600000 * 24 + i * 250 for i in range(20)]
        self.files = {}
        for i, time_ms in enumerate(self.times):
            path = write_picture(self.pictures, time_ms, windows=(3,) if i % 4 == 0 else (),
                                 size=3000 + i)
            self.files[time_ms] = os.path.join(self.pictures, path)
        for i in range(5):
            write_picture(self.pictures, START_MS + i * 1000, mac=SECOND)
        self.scan()
        self.server = self.serve()
        self.frames = self.server.pages("/frames", "frames", camera=CAMERA, limit=1000)

    def document(self):
        return self.server.api("/openapi.json")
