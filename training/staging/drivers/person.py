"""The driver: trunk, head, arms that reach where a pose wants the hands, and what these hold."""

from __future__ import annotations

import math

from training.staging.drawing.pen import Colour, Pen, Point, between
from training.staging.drivers.activity import HEAD, Pose, Thing
from training.staging.drivers.cabin import draw_belt, draw_dashboard
from training.staging.drivers.subject import Subject

_RIGHT_SHOULDER, _LEFT_SHOULDER = (0.21, 0.02), (0.1, 0.04)


def draw_person(pen: Pen, subject: Subject, pose: Pose) -> None:
    """From the far side to the near: left arm, trunk, head, right arm."""
    sitting = subject.cabin.sitting
    left, right = _moved(_LEFT_SHOULDER, sitting), _moved(_RIGHT_SHOULDER, sitting)
    raised = pose.left[1] > 0.05
    if raised:
        draw_dashboard(pen, subject)
    _arm(pen, subject, left, pose.left, pose.left_holds, bend=1)
    if not raised:
        draw_dashboard(pen, subject)
        _hand(pen, subject, pose.left, pose.left_holds)
    _trunk(pen, subject)
    draw_belt(pen, subject)
    _head(pen, subject, pose)
    _arm(pen, subject, right, pose.right, pose.right_holds, bend=-1 if pose.right[0] > right[0] + 0.1 else 1)


def _trunk(pen: Pen, subject: Subject) -> None:
    body, (x, y) = subject.body, subject.cabin.sitting
    width = body.trunk
    shoulder = 0.06 + y
    outline = [
        (0.17 + x - width * 0.55, -0.9),
        (0.15 + x - width * 0.6, -0.15 + y),
        (0.12 + x - width * 0.2, shoulder),
        (0.2 + x + width * 0.3, shoulder),
        (0.2 + x + width * 0.85, -0.1 + y),
        (0.24 + x + width, -0.9),
    ]
    pen.shape(outline, body.clothes)
    if body.stripes is not None:
        for height in (-0.08, -0.2, -0.32, -0.44):
            ends = [(0.16 + x - width * 0.55, height + y), (0.21 + x + width * 0.85, height + y)]
            pen.line(ends, body.stripes, 0.03)
    pen.line([(0.15 + x, shoulder - 0.02), _moved(HEAD, (x, y - 0.06))], body.skin, 0.075)


def _head(pen: Pen, subject: Subject, pose: Pose) -> None:
    """Hair behind, face, features; looking ahead they are at the left edge, into the camera in the middle."""
    body, (x, y), size = subject.body, pose.head, subject.body.head
    back = -pose.turn * size * 0.35
    if not body.bald:
        pen.disc((x + back, y + size * 0.2), size * 1.08, body.hair, 1.1)
        if body.hair_length:
            length = size * (1 + 2.2 * body.hair_length)
            low = y - length
            pen.shape(
                [
                    (x + back - size * 0.7, y),
                    (x + back + size, y),
                    (x + back + size * 0.9, low),
                    (x + back, low),
                ],
                body.hair,
            )
    face = (x + pose.turn * size * 0.18, y - size * 0.08)
    pen.disc(face, size * 0.88, body.skin, 1.2)

    def on_face(side: float, up: float) -> Point:
        """A place on the face that nodding turns; side -1 is where the driver looks when looking ahead."""
        across, along = side * size, up * size
        cosine, sine = math.cos(pose.nod), math.sin(pose.nod)
        return face[0] + across * cosine - along * sine, face[1] + across * sine + along * cosine

    ink = _darker(body.skin)
    ahead = max(-0.95, min(0.95, pose.turn * 0.8))
    if body.beard:
        pen.disc(on_face(ahead * 0.4, -0.6), size * 0.5, body.hair, 0.8)
    for eye in (-0.32, 0.32):
        if abs(ahead + eye) < 0.9:
            pen.disc(on_face(ahead + eye, 0.25), size * 0.12, (25, 20, 20))
            if body.glasses:
                pen.ring(on_face(ahead + eye, 0.25), size * 0.24, (20, 20, 25), 0.01)
    pen.line([on_face(ahead, 0.15), on_face(ahead * 1.25, -0.15)], ink, 0.018)
    pen.disc(on_face(ahead * 0.9, -0.52), size * (0.22 if pose.speaks else 0.13), (130, 40, 45), 0.6)
    if pose.turn < -0.5:
        pen.disc((x + size * 0.3, y), size * 0.2, ink)  # the ear
    if body.cap is not None:
        pen.shape(
            [on_face(-0.95, 0.45), on_face(-0.7, 1.2), on_face(0.75, 1.25), on_face(1.05, 0.4)], body.cap
        )
        pen.line([on_face(-0.2 + ahead * 0.4, 0.5), on_face(ahead * 1.7, 0.42)], body.cap, 0.03)


def _arm(pen: Pen, subject: Subject, shoulder: Point, hand: Point, holds: Thing | None, bend: int) -> None:
    """Upper arm and forearm of the body's length, with the elbow low; a hand out of reach stretches it."""
    body = subject.body
    elbow = _elbow(shoulder, hand, body.arm, bend)
    forearm = body.clothes if body.long_sleeves else body.skin
    edge = _darker(body.clothes)
    pen.line([shoulder, elbow], edge, body.limb * 1.25)
    pen.line([shoulder, elbow], body.clothes, body.limb)
    pen.disc(elbow, body.limb * 0.5, forearm)
    pen.line([elbow, hand], _darker(forearm), body.limb)
    pen.line([elbow, hand], forearm, body.limb * 0.75)
    _hand(pen, subject, hand, holds)


def _hand(pen: Pen, subject: Subject, hand: Point, holds: Thing | None) -> None:
    x, y = hand
    body = subject.body
    if holds is Thing.phone:
        pen.shape(
            [(x - 0.035, y - 0.05), (x + 0.02, y - 0.06), (x + 0.035, y + 0.065), (x - 0.02, y + 0.075)],
            body.phone,
        )
    if holds is Thing.cup:
        pen.shape(
            [(x - 0.055, y - 0.08), (x + 0.02, y - 0.07), (x + 0.03, y + 0.07), (x - 0.065, y + 0.06)],
            body.cup,
        )
    pen.disc((x + 0.01, y), 0.034, body.skin)


def _elbow(shoulder: Point, hand: Point, length: float, bend: int) -> Point:
    """Where two bones of equal length meet; of both places the lower one with bend 1, else the upper one."""
    middle = between(shoulder, hand, 0.5)
    dx, dy = hand[0] - shoulder[0], hand[1] - shoulder[1]
    distance = math.hypot(dx, dy) or 1e-6
    aside = math.sqrt(max(0.0, length**2 - (distance / 2) ** 2))
    down = -1 if dx > 0 else 1
    return middle[0] - dy / distance * aside * down * bend, middle[1] + dx / distance * aside * down * bend


def _moved(point: Point, by: Point) -> Point:
    return point[0] + by[0], point[1] + by[1]


def _darker(light: Colour) -> Colour:
    return light[0] * 3 // 4, light[1] * 3 // 4, light[2] * 3 // 4
