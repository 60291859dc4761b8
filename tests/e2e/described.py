"""Whether an answer is as the OpenAPI document describes it. Every answer that an end-to-end test gets
is held against it (cctvweb.Server.request)."""

import json
import os
import re

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "serve", "openapi.json")
# What any call may answer, as the document says in its description.
ANY = {400, 403, 414, 421, 500}
# Longer bodies are looked at by tests of their own.
BODY_MOST = 65536

_document, _paths = None, None


def _load():
    global _document, _paths
    if _document is None:
        with open(DOCUMENT, encoding="utf-8") as file:
            _document = json.load(file)
        _paths = [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), calls)
                  for path, calls in sorted(_document["paths"].items(), key=lambda item: "{" in item[0])]


def _resolve(node):
    if "$ref" in node:
        name, node = node["$ref"], _document
        for part in name.split("/")[1:]:
            node = node[part]
    return node


def check(method, path, answer):
    """Refuses an answer to a call of the document with a status, a type or a body it does not have."""
    _load()
    method, path = "get" if method == "HEAD" else method.lower(), path.partition("?")[0]
    call = next((calls[method] for pattern, calls in _paths if pattern.fullmatch(path) and method in calls), None)
    if call is None:
        return
    where = "%s %s: %s" % (method, path, answer.status)
    response = call["responses"].get(str(answer.status))
    if response is None:
        assert answer.status in ANY, "%s is not described: %r" % (where, answer)
        return
    content = _resolve(response).get("content")
    if not answer.body or content is None:
        return
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in content, "%s: %s is not described" % (where, kind)
    if kind.endswith("json") and "content-encoding" not in answer.headers and len(answer.body) <= BODY_MOST:
        validate(_document, content[kind]["schema"], answer.json(), where)


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
