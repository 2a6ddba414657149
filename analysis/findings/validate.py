"""validate.py SCHEMA DOCUMENT: checks a JSON document against a JSON Schema (2020-12).

Exit status: 0 valid, 1 not valid (each complaint with the path to it), 2 could not check. Needs Debian's python3-jsonschema.
"""

import json
import sys


def main(schema_path, document_path):
    import jsonschema

    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    with open(document_path, encoding="utf-8") as file:
        document = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
    for error in errors:
        print("/".join(str(part) for part in error.absolute_path) + ": " + error.message)
    return 1 if errors else 0


if __name__ == "__main__":
    try:
        status = main(*sys.argv[1:])
    except Exception as error:  # an uncaught exception would exit with 1, which means "not valid"
        print(f"could not check: {error!r}")
        status = 2
    sys.exit(status)
