"""The state that hands a plan's batches to child executions: a Distributed Map over lines of JSON in S3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from contracts.names import RESULTS_FOLDER
from stacks.workflow.function_step import EXECUTION_NAME

LABEL = "batches"
PLANS = f"{RESULTS_FOLDER}*/plan.jsonl"
RESULTS = f"{RESULTS_FOLDER}*/batches/*"
_BUCKET = "{% $states.input.plan_bucket %}"


class BatchMap(sfn.DistributedMap):
    """Its input is the output of "Plan batches": it says where the plan is and how it is to be carried out.

    A child execution gets `{execution_name, threshold, batch}`, the first being that of the run. The output
    is `{plan, results}`, the latter being where ResultWriter wrote what became of each batch.
    """

    def __init__(self, scope: Construct, id: str, *, comment: str) -> None:
        super().__init__(
            scope,
            id,
            comment=comment,
            label=LABEL,  # without one, CDK lets the role redrive executions of any label
            query_language=sfn.QueryLanguage.JSONATA,
            map_execution_type=sfn.StateMachineType.EXPRESS,
            jsonata_max_concurrency="{% $states.input.max_concurrency %}",
            item_reader=sfn.S3JsonLItemReader(bucket_name_path=_BUCKET, key="{% $states.input.plan_key %}"),
            item_selector={
                "execution_name": EXECUTION_NAME,
                "threshold": "{% $states.input.threshold %}",
                "batch": "{% $states.context.Map.Item.Value %}",
            },
            result_writer_v2=_Results(),
            outputs={
                "plan": "{% $states.input %}",
                "results": "{% $states.result.ResultWriterDetails %}",
            },
        )

    def to_state_json(
        self, state_machine_query_language: sfn.QueryLanguage | None = None
    ) -> Mapping[Any, Any]:
        """With a tolerance that the input says: CDK takes a number, or a path that JSONata does not have."""
        state = super().to_state_json(state_machine_query_language)
        return {**state, "ToleratedFailurePercentage": "{% $states.input.tolerated_failure_percentage %}"}


class _Results(sfn.ResultWriterV2):
    """Each batch's outcome, input and output, in files of JSON lines below the run's own folder."""

    def __init__(self) -> None:
        super().__init__(
            bucket_name_path=_BUCKET,
            prefix=f'{{% "{RESULTS_FOLDER}" & $states.context.Execution.Name & "/batches" %}}',
            writer_config=sfn.WriterConfig(
                output_type=sfn.OutputType.JSONL, transformation=sfn.Transformation.NONE
            ),
        )

    def provide_policy_statements(self) -> list[iam.PolicyStatement]:
        """None: CDK's would let the machine read and write every bucket. See `allow_batches`."""
        return []


def allow_batches(role: iam.IGrantable, data_bucket: s3.IBucket) -> None:
    """What a role needs of the bucket to run the map: read a plan, write (and redriven, read) its results.

    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    for sid, actions, keys in (
        ("ReadThePlan", ["s3:GetObject"], PLANS),
        (
            "WriteBatchResults",
            ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
            RESULTS,
        ),
    ):
        role.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(sid=sid, actions=actions, resources=[data_bucket.arn_for_objects(keys)])
        )
