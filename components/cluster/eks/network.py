"""The network of a cluster that the program makes: nodes where nobody reaches them, gateways by which they reach others."""

import pulumi
import pulumi_aws as aws

from headroom.desired.clusters import eks
from headroom.settings.cluster import EksCluster
from headroom.settings.cluster.eks import EksCreation


class Network(pulumi.ComponentResource):
    """A VPC with private and public subnets in each zone."""

    def __init__(self, name: str, settings: EksCluster, creation: EksCreation, *, opts: pulumi.ResourceOptions | None = None):
        super().__init__("headroom:cluster:EksNetwork", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self)
        zones, count = _zones(creation, here)
        cut = eks.addresses(creation.network, count)
        tags = {"Name": settings.name}
        network = aws.ec2.Vpc(name, cidr_block=creation.network, enable_dns_hostnames=True, enable_dns_support=True, tags=tags, opts=here)
        self.id = network.id
        outside = aws.ec2.InternetGateway(name, vpc_id=network.id, tags=tags, opts=here)
        public_routes = aws.ec2.RouteTable(
            f"{name}-public", vpc_id=network.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": outside.id}], tags=tags, opts=here
        )
        self._private: list[tuple[pulumi.Input[str], pulumi.Output[str]]] = []
        self.ready: list[pulumi.Resource] = []
        """What nodes need to reach a registry, and the cluster's API."""
        tables: list[pulumi.Output[str]] = []
        gateway: aws.ec2.NatGateway | None = None
        for index, zone in enumerate(zones):
            role = f"{name}-{index}"
            public = aws.ec2.Subnet(
                f"{role}-public",
                vpc_id=network.id,
                availability_zone=zone,
                cidr_block=cut.public[index],
                map_public_ip_on_launch=False,
                tags=tags | eks.public_tags(),
                opts=here,
            )
            outward = aws.ec2.RouteTableAssociation(f"{role}-public", subnet_id=public.id, route_table_id=public_routes.id, opts=here)
            if gateway is None or creation.nat == "each-zone":
                address = aws.ec2.Eip(role, domain="vpc", tags=tags, opts=pulumi.ResourceOptions(parent=self, depends_on=[outside]))
                gateway = aws.ec2.NatGateway(role, allocation_id=address.id, subnet_id=public.id, tags=tags, opts=here)
            routes = aws.ec2.RouteTable(
                f"{role}-private",
                vpc_id=network.id,
                routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": gateway.id}],
                tags=tags,
                opts=here,
            )
            private = aws.ec2.Subnet(
                f"{role}-private",
                vpc_id=network.id,
                availability_zone=zone,
                cidr_block=cut.private[index],
                tags=tags | eks.private_tags(settings.name),
                opts=here,
            )
            joined = aws.ec2.RouteTableAssociation(f"{role}-private", subnet_id=private.id, route_table_id=routes.id, opts=here)
            self._private.append((zone, private.id))
            tables.append(routes.id)
            self.ready += [outward, joined]
        # The layers of ECR's images come from S3: past the gateway, which takes its toll of every byte.
        aws.ec2.VpcEndpoint(
            name, vpc_id=network.id, service_name=f"com.amazonaws.{settings.region}.s3", route_table_ids=tables, tags=tags, opts=here
        )
        self.register_outputs({"id": network.id})

    def subnets(self, zones: tuple[str, ...] = ()) -> pulumi.Output[list[str]]:
        """The private ones in those zones; all where none is named."""
        return pulumi.Output.all(*(pulumi.Output.all(zone, subnet) for zone, subnet in self._private)).apply(
            lambda known: [subnet for zone, subnet in known if not zones or zone in zones]
        )


def _zones(creation: EksCreation, opts: pulumi.ResourceOptions) -> tuple[list[pulumi.Input[str]], int]:
    if creation.zones:
        return list(creation.zones), len(creation.zones)
    # Others, such as Local Zones, have no control plane.
    found = aws.get_availability_zones_output(
        state="available",
        filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
        opts=pulumi.InvokeOutputOptions(parent=opts.parent),
    )
    return [found.names[index] for index in range(eks.DEFAULT_ZONES)], eks.DEFAULT_ZONES
