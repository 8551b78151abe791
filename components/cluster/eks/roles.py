"""IAM roles of a cluster, of its nodes and of pods."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from headroom.desired.clusters import eks


@dataclass(frozen=True)
class Role:
    """A role, and what it may do: whoever takes it waits for both."""

    arn: pulumi.Output[str]
    attached: list[pulumi.Resource]


def role(
    name: str,
    service: str,
    policies: tuple[str, ...],
    region: str,
    *,
    inline: pulumi.Input[str] | None = None,
    called: str | None = None,
    opts: pulumi.ResourceOptions,
) -> Role:
    """A role for a service of AWS, with policies of AWS's own and one written here.

    Its name ends in random digits, unless others know it by the name that it is `called`.
    """
    made = aws.iam.Role(name, name=called, assume_role_policy=eks.trusts(service), opts=opts)
    attached: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{policy.rpartition('/')[2]}", role=made.name, policy_arn=eks.managed_policy(region, policy), opts=opts
        )
        for policy in policies
    ]
    if inline is not None:
        attached.append(aws.iam.RolePolicy(name, role=made.name, policy=inline, opts=opts))
    return Role(made.arn, attached)
