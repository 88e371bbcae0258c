"""Images and captured data: nobody else reads them, they can be brought back, they do not stay for ever."""

from __future__ import annotations

from typing import Any

from aws_cdk.assertions import Match, Template

from contracts import names
from lambda_src.core.run.request import OWN_FOLDERS

Templates = dict[str, Template]


def the_bucket(template: Template) -> dict[str, Any]:
    (bucket,) = [
        item for name, item in template.find_resources("AWS::S3::Bucket").items() if "AccessLogs" not in name
    ]
    return dict(bucket)


def test_a_lost_object_can_be_brought_back(smallest: Templates) -> None:
    bucket = the_bucket(smallest["storage"])
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert [rule["NoncurrentVersionExpiration"] for rule in rules if rule["Id"] == "old-versions"] == [
        {"NoncurrentDays": 30}
    ]


def test_captured_data_and_abandoned_uploads_go_by_themselves(smallest: Templates) -> None:
    rules = the_bucket(smallest["storage"])["Properties"]["LifecycleConfiguration"]["Rules"]
    captured = [rule for rule in rules if rule.get("Prefix") == "data-capture/"]
    assert [rule["ExpirationInDays"] for rule in captured] == [90]
    assert [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule and "Prefix" not in rule]


def test_packs_go_long_before_results(smallest: Templates, fullest: Templates) -> None:
    for templates, results, packs in ((smallest, 365, 1), (fullest, 30, 2)):
        rules = the_bucket(templates["storage"])["Properties"]["LifecycleConfiguration"]["Rules"]
        by_prefix = {rule["Prefix"]: rule for rule in rules if "Prefix" in rule}
        assert by_prefix["results/"]["ExpirationInDays"] == results
        assert by_prefix["batch-packs/"]["ExpirationInDays"] == packs
        assert by_prefix["batch-packs/"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
        prefixes = list(by_prefix)
        assert not [(a, b) for a in prefixes for b in prefixes if a != b and a.startswith(b)]
        assert [rule for rule in rules if rule.get("ExpiredObjectDeleteMarker") and "Prefix" not in rule]


def test_what_the_application_writes_is_never_taken_for_images() -> None:
    prefixes = {value for name, value in vars(names).items() if name.endswith("_FOLDER")}
    assert set(OWN_FOLDERS) == prefixes


def test_nobody_reads_without_tls_nor_from_outside(smallest: Templates) -> None:
    smallest["storage"].has_resource_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Effect": "Deny",
                                "Action": "s3:*",
                                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                            }
                        )
                    ]
                )
            }
        },
    )
    blocked = the_bucket(smallest["storage"])["Properties"]["PublicAccessBlockConfiguration"]
    assert all(blocked.values())
    assert len(blocked) == 4


def test_eventbridge_hears_of_objects_without_a_function_to_switch_it_on(smallest: Templates) -> None:
    properties = the_bucket(smallest["storage"])["Properties"]
    assert properties["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    smallest["storage"].resource_count_is("Custom::S3BucketNotifications", 0)


def test_the_bucket_is_kept_unless_the_stage_says_empty(smallest: Templates, fullest: Templates) -> None:
    kept, emptied = the_bucket(smallest["storage"]), the_bucket(fullest["storage"])
    assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert (emptied["DeletionPolicy"], emptied["UpdateReplacePolicy"]) == ("Delete", "Delete")
    smallest["storage"].resource_count_is("Custom::S3AutoDeleteObjects", 0)
    fullest["storage"].resource_count_is("Custom::S3AutoDeleteObjects", 2)


def test_a_key_of_ones_own_encrypts_the_bucket_and_serves_logs_rules_and_alarms(fullest: Templates) -> None:
    encryption = the_bucket(fullest["storage"])["Properties"]["BucketEncryption"]
    (rule,) = encryption["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    (key,) = fullest["storage"].find_resources("AWS::KMS::Key").values()
    conditions = {
        statement["Principal"]["Service"].partition(".")[0]: "Condition" in statement
        for statement in key["Properties"]["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    }
    # EventBridge sends no aws:SourceAccount to KMS: with a condition it could not publish.
    assert conditions == {"logs": True, "events": False, "cloudwatch": True}
    assert "logs.eu-west-1.amazonaws.com" in str(key)  # log groups are refused for any other name
    assert key["Properties"]["EnableKeyRotation"] is True


def test_the_key_outlives_its_setting_and_its_stack_even_where_the_bucket_is_emptied(
    fullest: Templates,
) -> None:
    (key,) = fullest["storage"].find_resources("AWS::KMS::Key").values()
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
