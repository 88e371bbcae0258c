"""Data sets of a Distributed Map, as AWS documents ItemReader.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import islice, repeat
from typing import Any

import pytest
from loopback_aws.states.flow.items import Item
from loopback_aws.states.map_run.errors import InvalidField, ItemReaderFailed
from loopback_aws.states.map_run.items.json_text import JsonText
from loopback_aws.states.map_run.items.objects import lines_of
from loopback_aws.states.map_run.items.reading import read_items
from loopback_aws.states.map_run.spec import ReaderSpec, ToleranceSpec

from tests.unit.states.map_run.s3 import MODIFIED, MemoryS3

GET = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"
OBJECT = {"Bucket": "b", "Key": "data"}


def inputs(spec: ReaderSpec, s3: MemoryS3) -> Iterator[Any]:
    """What children are given of the items, without ItemSelector."""
    return (item.input for item in read_items(spec, s3))


def items(content: str | bytes, key: str = "data", **config: Any) -> list[Any]:
    """Items of an object with that content."""
    body = content.encode() if isinstance(content, str) else content
    spec = ReaderSpec.of(GET, {"Bucket": "b", "Key": key}, config)
    return list(inputs(spec, MemoryS3({f"b/{key}": body})))


def test_entries_of_a_listing_over_all_its_pages() -> None:
    s3 = MemoryS3({f"b/in/{number}": b"12345" for number in range(5)} | {"b/other": b"", "c/in/0": b""})
    spec = ReaderSpec.of(LIST, {"Bucket": "b", "Prefix": "in/", "FetchOwner": True}, None)
    found = list(inputs(spec, s3))
    assert [item["Key"] for item in found] == [f"in/{number}" for number in range(5)]
    assert found[0] == {
        "Etag": '"e"',
        "Key": "in/0",
        "LastModified": int(MODIFIED.timestamp()),
        "Size": 5,
        "StorageClass": "STANDARD",
    }
    assert len(s3.requests) == 3
    assert all(arguments["FetchOwner"] for _, arguments in s3.requests)


def test_an_empty_listing_has_no_items() -> None:
    assert list(inputs(ReaderSpec.of(LIST, {"Bucket": "b"}, None), MemoryS3())) == []


def test_max_items_ends_a_listing_without_asking_for_more() -> None:
    s3 = MemoryS3({f"b/{number}": b"" for number in range(9)})
    assert len(list(inputs(ReaderSpec.of(LIST, {"Bucket": "b"}, {"MaxItems": 3}), s3))) == 3
    assert len(s3.requests) == 2


def test_load_and_flatten_reads_the_listed_objects() -> None:
    s3 = MemoryS3({"b/in/": b"", "b/in/1.json": b"[1,2]", "b/in/2.json": b'["x"]', "b/in2/3.json": b"[9]"})
    config = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
    spec = ReaderSpec.of(LIST, {"Bucket": "b", "Prefix": "in/"}, config)
    assert list(read_items(spec, s3)) == [
        Item(1, "S3://b/in/1.json"),
        Item(2, "S3://b/in/1.json"),
        Item("x", "S3://b/in/2.json"),
    ]


@pytest.mark.parametrize(
    ("content", "config", "expected"),
    [
        ("[]", {}, []),
        (' [ 1 , "a" , [ 2 , 3 ] , {"b" : null} ] \n', {}, [1, "a", [2, 3], {"b": None}]),
        ("[1, 2.5e3, -4]", {"MaxItems": 2}, [1, 2500.0]),
        ("[1, 2]", {"MaxItems": 0}, [1, 2]),
        ("\ufeff[1]", {}, [1]),
        ('{"a": 1, "b": [2]}', {}, [{"Key": "a", "Value": 1}, {"Key": "b", "Value": [2]}]),
        ('{"a": {"no": [0]}, "b": {"c": [5, 6]}}', {"ItemsPointer": "/b/c"}, [5, 6]),
        ('{"a": "}]\\"{[", "b/c": [{"~d": [7]}]}', {"ItemsPointer": "/b~1c/0/~0d"}, [7]),
        ('[[1], ["x"], [3]]', {"ItemsPointer": "/1"}, ["x"]),
    ],
)
def test_json(content: str, config: dict[str, Any], expected: list[Any]) -> None:
    assert items(content, InputType="JSON", **config) == expected


def test_a_pair_of_an_object_has_key_value_and_source() -> None:
    spec = ReaderSpec.of(GET, OBJECT, {"InputType": "JSON"})
    assert list(read_items(spec, MemoryS3({"b/data": b'{"a": 1}'}))) == [Item(1, "S3://b/data", "a")]


@pytest.mark.parametrize(
    ("content", "config", "cause"),
    [
        ("17", {}, "Attempting to map over non-iterable node."),
        ('{"a": "text"}', {"ItemsPointer": "/a"}, "Attempting to map over non-iterable node."),
        ('{"a": [1]}', {"ItemsPointer": "/b"}, "/b leads to nothing"),
        ("[[1]]", {"ItemsPointer": "/1"}, "/1 leads to nothing"),
        ("[]", {"ItemsPointer": "/0"}, "/0 leads to nothing"),
        ("", {}, "not valid JSON"),
        ("[1, 2", {}, "not valid JSON"),
        ("[1 2]", {}, "not valid JSON"),
        ("[1, NaN]", {}, "not valid JSON"),
        ("[1] [2]", {}, "more follows"),
        ('{"a": "', {"ItemsPointer": "/b"}, "not valid JSON"),
        ("[" * 100_000, {}, "not valid JSON"),
    ],
)
def test_json_that_cannot_be_read(content: str, config: dict[str, Any], cause: str) -> None:
    with pytest.raises(ItemReaderFailed) as failure:
        items(content, InputType="JSON", **config)
    assert cause in failure.value.cause


@pytest.mark.parametrize("length", range(1, 9))
def test_json_in_pieces_of_any_length(length: int) -> None:
    value = {"skipped": ["}", '"\\', {"x": "\\"}], "n": [12345, -1.5e-7, "é\n", True, None, {}]}
    text = json.dumps(value, indent=1)
    reader = JsonText(text[at : at + length] for at in range(0, len(text), length))
    names = reader.members()
    assert next(names) == "skipped"
    reader.skip()
    assert next(names) == "n"
    assert list(reader.array()) == value["n"]


def test_a_large_array_is_read_as_far_as_it_is_needed() -> None:
    content = json.dumps([{"number": number, "text": "x" * 90} for number in range(100_000)]).encode()
    s3 = MemoryS3({"b/data": content})
    found = inputs(ReaderSpec.of(GET, OBJECT, {"InputType": "JSON"}), s3)
    assert [item["number"] for item in islice(found, 3)] == [0, 1, 2]
    assert s3.bytes_read < len(content) / 50


def test_an_item_over_several_pieces_is_read_no_further_than_needed() -> None:
    content = json.dumps(["x" * 300_000] * 40).encode()
    s3 = MemoryS3({"b/data": content})
    found = inputs(ReaderSpec.of(GET, OBJECT, {"InputType": "JSON"}), s3)
    assert [len(item) for item in islice(found, 2)] == [300_000] * 2
    assert s3.bytes_read < 1_500_000


def test_a_line_without_end_is_given_up() -> None:
    with pytest.raises(ItemReaderFailed, match="8 MB"):
        next(lines_of(repeat("x" * 100_000, 200)))


def test_an_item_of_more_than_8_mb_is_refused() -> None:
    assert len(items(json.dumps(["x" * 8_000_000]), InputType="JSON")[0]) == 8_000_000
    for input_type, content in (
        ("JSON", json.dumps(["x" * 8_400_000])),
        ("JSON", json.dumps(["é" * 4_200_000], ensure_ascii=False)),
        ("JSONL", json.dumps("x" * 8_400_000)),
        ("CSV", "a\n" + "x" * 8_400_000),
        ("CSV", 'a\n"' + "x\n" * 4_200_000 + '"'),
    ):
        with pytest.raises(ItemReaderFailed, match="8 MB"):
            items(content, InputType=input_type)


def test_json_lines() -> None:
    assert items('{"a": 1}\n[2]\r\n\n"x"', InputType="JSONL") == [{"a": 1}, [2], "x"]
    with pytest.raises(ItemReaderFailed, match="not valid JSON"):
        items('{"a": 1}\n{"a": ', InputType="JSONL")


@pytest.mark.parametrize(
    ("content", "config", "expected"),
    [
        ("a,b\n1,2\n3,4\n", {}, [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        (
            "1,2\r\n3,4",
            {"CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"]},
            [{"x": "1", "y": "2"}, {"x": "3", "y": "4"}],
        ),
        ("a,b\n1,2,3\n4\n,5", {}, [{"a": "1", "b": "2"}, {"a": "4", "b": ""}, {"a": "", "b": "5"}]),
        ("a|b\n1,0|2", {"CSVDelimiter": "PIPE"}, [{"a": "1,0", "b": "2"}]),
        ("a;b\n1;2", {"CSVDelimiter": "SEMICOLON"}, [{"a": "1", "b": "2"}]),
        ("a b\n1 2", {"CSVDelimiter": "SPACE"}, [{"a": "1", "b": "2"}]),
        ("a\tb\n1\t2", {"CSVDelimiter": "TAB"}, [{"a": "1", "b": "2"}]),
        ('a,b\n"1,5","x\r\ny"\r\n', {}, [{"a": "1,5", "b": "x\r\ny"}]),
        ('a,b\n"say ""no""",""', {}, [{"a": 'say "no"', "b": ""}]),
        ('a,b\n{""K"":1},5"', {}, [{"a": '{"K":1}', "b": '5"'}]),
        ("a,b\nC:\\\\Files\\\\x,1\\,5", {}, [{"a": "C:\\Files\\x", "b": "1,5"}]),
        ('a,b\n\\"x\\",\\n\\', {}, [{"a": '"x"', "b": "n"}]),
        ('a,b\n"x\\"y",2', {}, [{"a": 'x"y', "b": "2"}]),
        ("a|b\n1\\|2|3\\,4", {"CSVDelimiter": "PIPE"}, [{"a": "1|2", "b": "3,4"}]),
        ("\ufeffa,b\nä,2", {}, [{"a": "ä", "b": "2"}]),
        ('a,b\n"1"\r\n', {}, [{"a": "1", "b": ""}]),
        ("a,b\n1,2\n3,4", {"MaxItems": 1}, [{"a": "1", "b": "2"}]),
        ("a,b\n", {}, []),
        ("", {}, []),
    ],
)
def test_csv(content: str, config: dict[str, Any], expected: list[Any]) -> None:
    assert items(content, InputType="CSV", **({"CSVHeaderLocation": "FIRST_ROW"} | config)) == expected


def test_the_documented_row() -> None:
    row = (
        'abc,123,"This string contains commas, a double quotation marks (""), and a newline (\n)",'
        '{""MyKey"":""MyValue""},"[1,2,3]"'
    )
    names = ["MyLetters", "MyNumbers", "MyString", "MyObject", "MyArray"]
    assert items(row, InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=names) == [
        {
            "MyLetters": "abc",
            "MyNumbers": "123",
            "MyString": 'This string contains commas, a double quotation marks ("), and a newline (\n)',
            "MyObject": '{"MyKey":"MyValue"}',
            "MyArray": "[1,2,3]",
        }
    ]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("a,a\n1,2", "CSV headers cannot contain duplicates."),
        ("x" * 10_241 + "\n1", "larger than 10 KiB"),
        ('a\n"x\ny', "ends within quotation marks"),
        (b"a\n\xff\xfe", "is not UTF-8"),
    ],
)
def test_csv_that_cannot_be_read(content: str | bytes, cause: str) -> None:
    with pytest.raises(ItemReaderFailed) as failure:
        items(content, InputType="CSV", CSVHeaderLocation="FIRST_ROW")
    assert cause in failure.value.cause


def test_a_file_is_decompressed_by_its_name() -> None:
    assert items(gzip.compress(b"1\n2\n"), key="x.jsonl.gz", InputType="JSONL") == [1, 2]
    with pytest.raises(ItemReaderFailed, match="could not be read"):
        items(b"1\n2\n", key="x.jsonl.gz", InputType="JSONL")
    with pytest.raises(ItemReaderFailed, match="ZSTD"):
        items(b"", key="x.csv.zstd", InputType="CSV")


INVENTORY = {
    "sourceBucket": "source",
    "destinationBucket": "arn:aws:s3:::inventory",
    "fileFormat": "CSV",
    "fileSchema": "Bucket, Key, Size",
    "files": [{"key": "data/1.csv.gz", "size": 1}, {"key": "data/2.csv.gz", "size": 1}],
}


@pytest.mark.parametrize("config", [{"InputType": "MANIFEST"}, {"ManifestType": "S3_INVENTORY"}])
def test_files_of_an_inventory(config: dict[str, Any]) -> None:
    s3 = MemoryS3(
        {
            "b/data": json.dumps(INVENTORY).encode(),
            "inventory/data/1.csv.gz": gzip.compress(b'"source","a/","0"\n"source","a/x","7"\n'),
            "inventory/data/2.csv.gz": gzip.compress(b'"source","b","8"\n'),
        }
    )
    assert list(inputs(ReaderSpec.of(GET, OBJECT, config), s3)) == [
        {"Bucket": "source", "Key": "a/", "Size": "0"},
        {"Bucket": "source", "Key": "a/x", "Size": "7"},
        {"Bucket": "source", "Key": "b", "Size": "8"},
    ]


@pytest.mark.parametrize(
    ("manifest", "cause"),
    [
        (INVENTORY | {"fileFormat": "ORC"}, "must be in CSV"),
        ({"files": []}, "none of an S3"),
        ([], "none of an S3"),
    ],
)
def test_what_is_no_inventory(manifest: Any, cause: str) -> None:
    with pytest.raises(ItemReaderFailed, match=cause):
        items(json.dumps(manifest), InputType="MANIFEST")


def test_files_of_an_athena_manifest() -> None:
    s3 = MemoryS3(
        {
            "b/data": b"s3://c/1.gz\n\ns3://c/x/2\n",
            "c/1.gz": gzip.compress(b'{"a": 1}\n'),
            "c/x/2": b'{"a": 2}\n',
        }
    )
    spec = ReaderSpec.of(
        GET, OBJECT | {"ExpectedBucketOwner": "1"}, {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
    )
    assert list(read_items(spec, s3)) == [
        Item({"a": 1}, "S3://c/1.gz"),
        Item({"a": 2}, "S3://c/x/2"),
    ]
    assert all(arguments["ExpectedBucketOwner"] == "1" for _, arguments in s3.requests)


@pytest.mark.parametrize("line", ["query,result", "s3://bucket", "https://bucket/key"])
def test_what_is_no_athena_manifest(line: str) -> None:
    with pytest.raises(ItemReaderFailed, match="names no S3 object"):
        items(line, ManifestType="ATHENA_DATA", InputType="CSV")


def test_a_missing_object_is_named_as_s3_does() -> None:
    with pytest.raises(ItemReaderFailed) as failure:
        list(inputs(ReaderSpec.of(GET, OBJECT, {"InputType": "JSON"}), MemoryS3()))
    assert failure.value.error == "States.ItemReaderFailed"
    assert failure.value.cause == (
        "The specified key does not exist. "
        "(Service: Amazon S3; Status Code: 404; Error Code: NoSuchKey; Request ID: R1)"
    )


def test_the_arguments_of_the_state_reach_s3() -> None:
    s3 = MemoryS3({"b/data": b"[]"})
    arguments = OBJECT | {"VersionId": "v", "ExpectedBucketOwner": "1"}
    assert list(inputs(ReaderSpec.of(GET, arguments, {"InputType": "JSON"}), s3)) == []
    assert s3.requests == [("get_object", arguments)]


@pytest.mark.parametrize(
    ("resource", "arguments", "config", "cause"),
    [
        (GET, OBJECT, {"InputType": "PARQUET"}, "PARQUET is not supported"),
        (GET, OBJECT, {"InputType": "XML"}, "InputType must be one of"),
        (GET, OBJECT, {}, "needs an InputType"),
        (GET, {"Bucket": "b"}, {"InputType": "JSON"}, "argument Key"),
        (LIST, {"Bucket": 3}, {}, "argument Bucket"),
        ("arn:aws:states:::s3:putObject", OBJECT, {"InputType": "JSON"}, "cannot use the resource"),
        (LIST, OBJECT, {"Transformation": "LOAD_AND_FLATTEN"}, "and an InputType"),
        (GET, OBJECT, {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}, "listObjectsV2"),
        (GET, OBJECT, {"ManifestType": "S3_INVENTORY", "InputType": "CSV"}, "has no InputType"),
        (GET, OBJECT, {"ManifestType": "ATHENA_DATA", "InputType": "JSON"}, "CSV, JSONL or PARQUET"),
        (GET, OBJECT, {"InputType": "JSON", "MaxItems": -1}, "MaxItems must be"),
        (GET, OBJECT, {"InputType": "JSON", "MaxItems": 100_000_001}, "MaxItems must be"),
        (GET, OBJECT, {"InputType": "JSON", "MaxItems": "3"}, "MaxItems must be"),
        (GET, OBJECT, {"InputType": "JSON", "ItemsPointer": "a"}, "not a JSON Pointer"),
        (GET, OBJECT, {"InputType": "CSV", "CSVDelimiter": ","}, "CSVDelimiter must be one of"),
        (GET, OBJECT, {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}, "needs CSVHeaders"),
    ],
)
def test_a_reader_that_cannot_be(
    resource: str, arguments: dict[str, Any], config: dict[str, Any], cause: str
) -> None:
    with pytest.raises(ItemReaderFailed) as failure:
        ReaderSpec.of(resource, arguments, config)
    assert cause in failure.value.cause


@pytest.mark.parametrize(
    ("count", "percentage", "failed", "exceeded"),
    [
        (None, None, 0, False),
        (None, None, 1, True),
        (2, None, 2, False),
        (2, None, 3, True),
        (None, 50, 5, False),
        (None, 50, 6, True),
        (9, 50, 6, True),
        (1, 100, 2, True),
        (None, 100, 10, False),
    ],
)
def test_tolerance_of_ten_items(count: Any, percentage: Any, failed: int, exceeded: bool) -> None:
    assert ToleranceSpec.of(count, percentage).exceeded(failed, 10) is exceeded


@pytest.mark.parametrize(
    ("count", "percentage"), [(-1, None), ("2", None), (1.5, None), (None, 101), (None, True)]
)
def test_a_tolerance_out_of_range(count: Any, percentage: Any) -> None:
    with pytest.raises(InvalidField, match="must be"):
        ToleranceSpec.of(count, percentage)
