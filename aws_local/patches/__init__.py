"""The gaps of moto 5.2 that matter here, each closed in a module of its own."""

from __future__ import annotations


def apply() -> None:
    """Close every gap, once per process and before the first request. SeamError when moto has changed."""
    from aws_local.patches import (
        autoscaling_tags,
        dynamodb_batches,
        dynamodb_lock,
        dynamodb_transactions,
        lambda_alias_mapping,
        lambda_configuration,
        lambda_provisioned,
        lambda_recursion,
        s3_policy_conditions,
        secrets_rotation,
        sqs_attributes,
        sqs_move_tasks,
        sqs_receiving,
    )

    dynamodb_transactions.apply()
    dynamodb_batches.apply()
    dynamodb_lock.apply()
    sqs_attributes.apply()
    sqs_receiving.apply()
    sqs_move_tasks.apply()
    autoscaling_tags.apply()
    lambda_provisioned.apply()
    lambda_alias_mapping.apply()
    lambda_configuration.apply()
    secrets_rotation.apply()
    lambda_recursion.apply()
    s3_policy_conditions.apply()
