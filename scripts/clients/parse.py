# Imports the Python clients that scripts/clients.mjs generated, and parses every example of the API with
# them. Also fails if a class is not named after a component, because then the generator invented the name.

import importlib
import json
import pkgutil
import sys
from pathlib import Path

folder, openapi = sys.argv[1:]
sys.path.insert(0, folder)
sys.dont_write_bytecode = True
api = json.loads(Path(openapi).read_text(encoding="utf-8"))

import kombo_edge  # from openapi-python-client
import models  # from datamodel-codegen

for module in pkgutil.walk_packages(kombo_edge.__path__, "kombo_edge."):
    importlib.import_module(module.name)
from kombo_edge import models as attrs_models

COMPONENT = "#/components/schemas/"
CLASS_WORDS = {"properties", "additionalProperties", "allOf", "enum"}

components = api["components"]["schemas"]
named = {name for name, schema in components.items() if CLASS_WORDS & schema.keys()}
made = set(attrs_models.__all__)
assert made == named, f"classes without a component, or the reverse: {sorted(made ^ named)}"
lacking = {name for name in components if not hasattr(models, name)}
assert not lacking, f"datamodel-codegen made no {sorted(lacking)}"


def contents(part):
    """Yields the schema's name and the examples of every part of the API that has both."""
    if isinstance(part, list):
        for item in part:
            yield from contents(item)
    elif isinstance(part, dict):
        if "schema" in part and "examples" in part:
            yield part["schema"]["$ref"].removeprefix(COMPONENT), part["examples"]
        else:
            yield from contents(list(part.values()))


count = 0
for name, examples in contents(api):
    for example in examples.values():
        value = example["value"]
        parsed = getattr(attrs_models, name).from_dict(value)
        assert type(parsed).from_dict(parsed.to_dict()) == parsed, f"{name}: {value}"
        getattr(models, name).model_validate(value)
        count += 1
assert count > 0, "no example was parsed"
