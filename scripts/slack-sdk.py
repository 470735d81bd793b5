"""Checks messages with Slack's own Block Kit classes. The file has one JSON object per line.

They check limits and required fields. Whether text from outside is inert is checked by tests/rendering.
"""

import json
import sys

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, PlainTextObject

MOST_BLOCKS = 50


def texts(block):
    """The text objects of a block, as Slack's classes read them. Rich text has none."""
    if block["type"] == "rich_text":
        return
    for text in [block.get("text"), *block.get("elements", []), *block.get("fields", [])]:
        if text is not None:
            kind = PlainTextObject if text["type"] == "plain_text" else MarkdownTextObject
            yield kind(**{key: value for key, value in text.items() if key != "type"})


def check(message):
    """Raises if Slack would refuse the message."""
    blocks = message.get("blocks", [])
    if len(blocks) > MOST_BLOCKS:
        raise SlackObjectFormationError(f"{len(blocks)} blocks")
    for raw, block in zip(blocks, Block.parse_all(blocks)):
        if block is None:
            raise SlackObjectFormationError(f"unknown block {raw['type']}")
        block.validate_json()
        for text in texts(raw):
            text.validate_json()


def main(path):
    checked, refused = 0, []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            checked += 1
            try:
                check(json.loads(line))
            except (SlackObjectFormationError, TypeError, KeyError) as error:
                refused.append(f"  line {number}: {error}")
    if checked == 0:
        sys.exit(f"There is no message in {path}.")
    if refused:
        sys.exit(f"{len(refused)} of {checked} messages are refused:\n" + "\n".join(refused[:10]))
    print(f"{checked} messages are as Slack's classes want them.")


main(sys.argv[1])
