"""SageMaker hosting on loopback: its API, with a real model server process behind every instance.

What a request may hold (`control/supported.py` is the table, anything that is not in it is refused by name):

| | honoured | accepted, without effect | refused |
|---|---|---|---|
| model | name, one container: image, model data in S3, environment; tags | role, network isolation, container host name | `VpcConfig`, several containers, multi-model mode, model packages, uncompressed model data, private registries; any image that the configuration does not name |
| endpoint config | variants: model, weight, instance count, start-up time-out; data capture; tags | instance type, volume size, KMS keys, role, network isolation, routing strategy, inference AMI, metrics | `ServerlessConfig`, `AsyncInferenceConfig`, `ShadowProductionVariants`, `ExplainerConfig`, `VpcConfig`, managed scaling, accelerators, inference components |
| endpoint | create, update without a gap, weights and instance counts, retained properties, tags; `DeploymentConfig`: blue/green all at once, canary and linear, alarms that roll back | | `RollingUpdatePolicy` |
| invocation | content type, accept, custom attributes, inference id, target variant | | target model, target container, inference component, sessions, explanations, response streams |

One instance is one process on a port of its own; instance types change nothing but what is described.
"""  # noqa: E501 - a table's row cannot be wrapped
