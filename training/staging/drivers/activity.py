"""The ten things that drivers do, by the names of the State Farm data set, and the pose of each.

The camera is where the passenger's side of the windscreen is: the driver looks to the left, the right hand
is the near one, and the left arm is partly behind trunk and head.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from random import Random

from training.staging.drawing.pen import Point
from training.staging.drivers.subject import Subject

ACTIVITIES = {
    "c0": "safe driving",
    "c1": "texting with the right hand",
    "c2": "on the phone, right hand",
    "c3": "texting with the left hand",
    "c4": "on the phone, left hand",
    "c5": "operating the radio",
    "c6": "drinking",
    "c7": "reaching behind",
    "c8": "hair and make-up",
    "c9": "talking to the passenger",
}
"""What each class means."""

HEAD: Point = (0.13, 0.21)
"""Middle of a head that leans nowhere, in the pen's units: heights of the picture, from its middle."""


class Thing(Enum):
    """What a hand may hold."""

    phone = "phone"
    cup = "cup"


@dataclass(frozen=True)
class Pose:
    """Where hands and head are. turn: -1 looks ahead, 0 into the camera, 1 behind; nod: radians downwards."""

    right: Point
    left: Point
    head: Point
    turn: float
    nod: float
    right_holds: Thing | None = None
    left_holds: Thing | None = None
    speaks: bool = False


def pose(activity: str, subject: Subject, chance: Random) -> Pose:
    """The pose of one picture: of the activity, as the subject is used to do it, and never twice the same."""
    sitting, (_, lap, ear, face) = subject.cabin.sitting, subject.body.habits
    lean = (chance.gauss(0, 0.012), chance.gauss(0, 0.012))
    head = _sum(HEAD, sitting, lean)
    turn, nod = -1 + abs(chance.gauss(0, 0.12)), chance.gauss(0, 0.08)
    right, left = _on_wheel(subject, chance, 0.35), _on_wheel(subject, chance, 2.2)
    if chance.random() < 0.2 and activity not in ("c3", "c4"):
        left = _sum((-0.02, -0.33), lap, _about(chance))
    if chance.random() < 0.2 and activity in ("c0", "c3", "c4", "c9"):
        right = _sum((0.0, -0.36), lap, _about(chance))
    mouth = _sum(head, (-0.09, -0.05), face, _about(chance, 0.012))
    match activity:
        case "c1":
            in_lap = _sum((-0.07, -0.21), lap, _about(chance))
            return Pose(in_lap, left, head, turn, 0.45 + nod, right_holds=Thing.phone)
        case "c2":
            at_ear = _sum(head, (0.02, -0.01), ear, _about(chance, 0.015))
            return Pose(at_ear, left, head, turn, nod, right_holds=Thing.phone)
        case "c3":
            before = _sum((-0.17, -0.05), lap, _about(chance))
            return Pose(right, before, head, turn, 0.3 + nod, left_holds=Thing.phone)
        case "c4":
            at_ear = _sum(head, (-0.1, 0.0), ear, _about(chance, 0.015))
            return Pose(right, at_ear, head, turn, nod, left_holds=Thing.phone)
        case "c5":
            console = _sum((-0.42, -0.34), subject.body.habits[0], _about(chance))
            return Pose(console, left, head, turn + 0.3, 0.15 + nod)
        case "c6":
            return Pose(mouth, left, head, turn, nod - 0.15, right_holds=Thing.cup)
        case "c7":
            behind = _sum((0.52, 0.02), lap, _about(chance, 0.06))
            return Pose(behind, left, _sum(head, (0.05, 0.0)), chance.uniform(0.2, 0.9), nod)
        case "c8":
            top = _sum(head, (-0.01, 0.1) if chance.random() < 0.6 else (-0.08, 0.02), face, _about(chance))
            return Pose(top, left, head, turn + chance.uniform(0, 0.4), nod - 0.1)
        case "c9":
            if chance.random() < 0.3:  # talks with the hand
                right = _sum((-0.1, -0.12), lap, _about(chance, 0.05))
            looking = chance.uniform(-0.35, 0.15)
            return Pose(right, left, _sum(head, (-0.02, 0.0)), looking, nod, speaks=True)
        case _:
            return Pose(right, left, head, turn, nod)


def _on_wheel(subject: Subject, chance: Random, angle: float) -> Point:
    """A point of the wheel's rim near `angle`, where this subject likes to hold it."""
    return subject.cabin.rim(angle + 6 * subject.body.habits[0][0] + chance.gauss(0, 0.2))


def _about(chance: Random, deviation: float = 0.025) -> Point:
    return chance.gauss(0, deviation), chance.gauss(0, deviation)


def _sum(*points: Point) -> Point:
    return sum(x for x, _ in points), sum(y for _, y in points)
