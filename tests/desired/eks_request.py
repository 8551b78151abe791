"""What the AWS provider asks EC2 and EKS for when it is given our arguments: the requests that AWS's own client is to accept.

Source: hashicorp/terraform-provider-aws internal/service/eks/{node_group,cluster}.go and internal/service/ec2/ec2_launch_template.go, their
expand functions. The two languages differ in the few names that are here; a name that is in neither is refused by the client's model.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.model import ServiceModel
from botocore.session import get_session
from botocore.validate import ParamValidator

_OF_A_GROUP = {"nodeGroupName": "nodegroupName"}
_OF_INTERFACES = {"SecurityGroups": "Groups"}
_NUMBERS_AND_FLAGS = {"true": True, "false": False}
_OF_THE_PROVIDER = ("update_default_version",)


def node_group(arguments: dict[str, Any]) -> dict[str, Any]:
    """Parameters of `CreateNodegroup`, with what the cloud alone knows."""
    asked = {key: value if key in ("labels", "tags") else _camel(value) for key, value in arguments.items()}
    known = {"clusterName": "c", "nodeRole": "arn:aws:iam::111122223333:role/nodes", "subnets": ["subnet-1"]}
    return {**_renamed(_camel_keys(asked), _OF_A_GROUP), **known, "launchTemplate": {"id": "lt-1", "version": "1"}}


def launch_template(arguments: dict[str, Any]) -> dict[str, Any]:
    """Parameters of `CreateLaunchTemplate`."""
    data = _pascal({key: value for key, value in arguments.items() if key not in _OF_THE_PROVIDER})
    for specification in data.get("TagSpecifications", []):
        specification["Tags"] = [{"Key": key, "Value": value} for key, value in specification["Tags"].items()]
    return {"LaunchTemplateName": "l4", "LaunchTemplateData": data}


def cluster(arguments: dict[str, Any], endpoint: dict[str, Any]) -> dict[str, Any]:
    """Parameters of `CreateCluster`, with what the cloud alone knows."""
    asked = _camel(arguments)
    logs = {"clusterLogging": [{"types": asked.pop("enabledClusterLogTypes"), "enabled": True}]}
    known = {"roleArn": "arn:aws:iam::111122223333:role/c", "resourcesVpcConfig": {"subnetIds": ["subnet-1"], **_camel(endpoint)}}
    return {**asked, **known, "logging": logs}


def refusals(service: str, operation: str, parameters: dict[str, Any]) -> list[str]:
    """What AWS's client has against a request: unknown and missing names, types, lengths, and values outside a list."""
    shape = _model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    return [*report.generate_report().splitlines(), *_outside(parameters, shape, operation)]


@cache
def _model(service: str) -> ServiceModel:
    return get_session().get_service_model(service)


def _outside(value: Any, shape: Any, path: str) -> list[str]:
    """The client leaves listed values to the service."""
    if shape.type_name == "structure" and isinstance(value, dict):
        known = {key: part for key, part in value.items() if key in shape.members}
        return [found for key, part in known.items() for found in _outside(part, shape.members[key], f"{path}.{key}")]
    if shape.type_name == "list" and isinstance(value, list):
        return [found for part in value for found in _outside(part, shape.member, path)]
    allowed = getattr(shape, "enum", None)
    return [f"{path}: {value} is none of {allowed}"] if allowed and value not in allowed else []


def _camel(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel(part) for part in value]
    return _camel_keys({key: _camel(part) for key, part in value.items()}) if isinstance(value, dict) else value


def _camel_keys(value: dict[str, Any]) -> dict[str, Any]:
    return {_joined(key): part for key, part in value.items()}


def _joined(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(part.capitalize() for part in others)


def _pascal(value: Any, *, tags: bool = False) -> Any:
    if isinstance(value, list):
        return [_pascal(part) for part in value]
    if not isinstance(value, dict) or tags:
        return _NUMBERS_AND_FLAGS.get(value, value) if isinstance(value, str) else value
    named = {_pascal_name(key): _pascal(part, tags=key == "tags") for key, part in value.items()}
    return _renamed(named, _OF_INTERFACES)


def _pascal_name(key: str) -> str:
    return "".join(part.capitalize() for part in key.split("_"))


def _renamed(value: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(key, key): part for key, part in value.items()}
