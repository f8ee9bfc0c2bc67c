"""Waveform above spectrogram, over one axis of time. Imports pyqtgraph: see `gui.views.sound_view`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QWidget

from gui.backend.calls.sound_view import Outline, Spectrum
from gui.theme import Tokens, spectrum_colours, tokens
from gui.views.timing import clock

_LABELLED_HZ = (1_000, 100, 10_000, 50, 500, 5_000, 200, 2_000, 20_000)  # those first that stay when there is no room
_LABEL_PX = 15
_USUAL_HZ = (40, 22_050)  # until there is a spectrum
_AXIS_WIDTH = 56
_NARROWEST_S = 0.01
_ZOOM = 1.25  # for each step of the wheel
_SHADE = 48  # alpha of the region


class SoundPlots(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """The wheel zooms, with Shift it moves; click to seek, drag to select a part."""

    seen = Signal(float, float)
    """Another part is seen, seconds."""

    seek_requested = Signal(float)
    region_requested = Signal(object)
    """A tuple of seconds, or None for all."""

    pointed = Signal(str)
    """What is under the pointer, in words; empty for nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.duration_s = 0.0
        self._region: tuple[float, float] | None = None
        self._matches: list[Any] = []
        self._whole, self._detail = pg.ImageItem(axisOrder="row-major"), pg.ImageItem(axisOrder="row-major")
        self._wave_view, self._spectrum_view = _View(self), _View(self)
        self._time = _TimeAxis("bottom")
        self._wave = self._plot(0, self._wave_view, left=pg.AxisItem("left"))
        self._spectrum = self._plot(1, self._spectrum_view, left=_HertzAxis("left"), bottom=self._time)
        self.ci.layout.setRowStretchFactor(0, 2)
        self.ci.layout.setRowStretchFactor(1, 3)
        self.ci.setContentsMargins(0, 0, 8, 0)
        self.ci.setSpacing(12)
        self._wave.hideAxis("bottom")
        self._wave.setYRange(-1, 1, padding=0.08)
        self._wave.getAxis("left").setTicks([[(-1, "−1"), (0, "0"), (1, "1")]])
        self._spectrum.setXLink(self._wave)
        self._spectrum.setYRange(*np.log2(_USUAL_HZ), padding=0)
        self._spectrum.addItem(self._whole)
        self._spectrum.addItem(self._detail)
        self._curve = pg.PlotCurveItem(antialias=False)
        self._wave.addItem(self._curve)
        self._heads = [pg.InfiniteLine(angle=90, movable=False) for _ in range(2)]
        self._regions = [pg.LinearRegionItem(movable=True, swapMode="sort") for _ in range(2)]
        for plot, head, region in zip((self._wave, self._spectrum), self._heads, self._regions, strict=True):
            plot.addItem(region)
            plot.addItem(head)
            region.hide()
            region.sigRegionChanged.connect(self._on_edge_moved)
            region.sigRegionChangeFinished.connect(self._on_edge_dropped)
        self._wave_view.sigXRangeChanged.connect(self._on_range)
        self.scene().sigMouseMoved.connect(self._on_moved)
        self.dress()

    def show_sound(self, duration_s: float, matches: Sequence[tuple[float, float]] = ()) -> None:
        """Another sound; nothing of it is drawn yet.

        Args:
            duration_s: How long it is; 0 if that is not known.
            matches: What matches, seconds.
        """
        self.set_duration(duration_s)
        for match in self._matches:
            self._wave.removeItem(match)
        self._matches = [pg.LinearRegionItem(match, movable=False) for match in matches]
        for match in self._matches:
            match.setZValue(-10)
            self._wave.addItem(match)
        self._dress_matches()
        self._curve.setData([], [])
        self._whole.clear()
        self._detail.clear()
        self.set_region(None)
        self.set_position(0.0)
        self.see_all()

    def set_duration(self, duration_s: float) -> None:
        """How long the sound is."""
        self.duration_s = duration_s
        longest_s = max(duration_s, _NARROWEST_S)
        for view in (self._wave_view, self._spectrum_view):
            view.setLimits(xMin=0, xMax=longest_s, minXRange=_NARROWEST_S, maxXRange=longest_s)

    def set_outline(self, outline: Outline) -> None:
        """Draw the waveform of a part, or of all."""
        count = len(outline.low)
        edges = np.linspace(outline.start_s, outline.end_s, count, endpoint=False)
        heights = np.stack((outline.high, outline.low), axis=1).ravel()
        self._curve.setData(np.repeat(edges, 2), heights)

    def set_spectrum(self, spectrum: Spectrum) -> None:
        """Draw the spectrogram of a part, on top of that of all."""
        if not self.duration_s:
            self.set_duration(spectrum.end_s)
            self.see_all()
        all_of_it = spectrum.end_s - spectrum.start_s > 0.99 * self.duration_s
        image = self._whole if all_of_it else self._detail
        low, high = np.log2(spectrum.lowest_hz), np.log2(spectrum.highest_hz)
        image.setImage(spectrum.levels[::-1], levels=(0, 255), autoLevels=False)
        image.setRect(QRectF(spectrum.start_s, low, spectrum.end_s - spectrum.start_s, high - low))
        if all_of_it:
            self._detail.clear()
        self._spectrum_view.setYRange(low, high, padding=0)

    def set_position(self, position_s: float) -> None:
        """What is heard; the part that is seen follows it."""
        start_s, end_s = self.range_s
        before_s = float(self._heads[0].getXPos())
        for head in self._heads:
            head.setValue(position_s)
        if start_s <= before_s <= end_s < position_s:
            self.see(position_s, position_s + end_s - start_s)

    def set_region(self, region: tuple[float, float] | None) -> None:
        """The part that is played."""
        self._region = region
        for item in self._regions:
            item.blockSignals(True)
            if region is not None:
                item.setRegion(region)
            item.setVisible(region is not None)
            item.blockSignals(False)

    @property
    def range_s(self) -> tuple[float, float]:
        """What is seen."""
        (start_s, end_s), _ = self._wave_view.viewRange()
        return max(0.0, start_s), min(end_s, self.duration_s)

    @property
    def region(self) -> tuple[float, float] | None:
        """The part that is played, as it is drawn."""
        return self._region

    def see(self, start_s: float, end_s: float) -> None:
        """Show a part."""
        width_s = min(max(end_s - start_s, _NARROWEST_S), max(self.duration_s, _NARROWEST_S))
        start_s = min(max(0.0, start_s), max(0.0, self.duration_s - width_s))
        self._wave_view.setXRange(start_s, start_s + width_s, padding=0)

    def see_all(self) -> None:
        """Show all of it."""
        self.see(0.0, self.duration_s)

    def zoom(self, steps: float, around_s: float | None = None) -> None:
        """Show less, with positive steps, or more, around a place; that which is heard by default."""
        start_s, end_s = self.range_s
        heard_s = float(self._heads[0].getXPos())
        if around_s is None:
            around_s = heard_s if start_s <= heard_s <= end_s else (start_s + end_s) / 2
        factor = _ZOOM**-steps
        self.see(around_s - (around_s - start_s) * factor, around_s + (end_s - around_s) * factor)

    def pan(self, share: float) -> None:
        """Move by a share of what is seen."""
        start_s, end_s = self.range_s
        by_s = share * (end_s - start_s)
        self.see(start_s + by_s, end_s + by_s)

    def dress(self) -> None:
        """Follow the theme."""
        chosen = tokens()
        self.setBackground(chosen.colour("ground"))
        colours = np.array(spectrum_colours(), np.uint32)
        table = np.stack([colours >> shift & 255 for shift in (16, 8, 0)], axis=1).astype(np.uint8)
        for image in (self._whole, self._detail):
            image.setLookupTable(table)
        self._curve.setPen(pg.mkPen(chosen.colour("wave"), width=1))
        for plot in (self._wave, self._spectrum):
            for name in ("left", "bottom"):
                axis = plot.getAxis(name)
                axis.setPen(pg.mkPen(chosen.colour("line")))
                axis.setTextPen(pg.mkPen(chosen.colour("muted")))
        for head in self._heads:
            head.setPen(pg.mkPen(chosen.colour("text"), width=1.5))
        for region in self._regions:
            _dress_region(region, chosen)
        self._dress_matches()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_regions"):
            self.dress()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is gone."""
        super().leaveEvent(event)
        self.pointed.emit("")

    def _dress_matches(self) -> None:
        for match in self._matches:
            match.setBrush(tokens().colour("moment"))
            for line in match.lines:
                line.setPen(pg.mkPen(None))

    def _plot(self, row: int, view: _View, **axes: Any) -> Any:
        plot = self.addPlot(row=row, col=0, viewBox=view, axisItems=axes, enableMenu=False)
        plot.hideButtons()
        plot.setMouseEnabled(x=True, y=False)
        plot.getAxis("left").setWidth(_AXIS_WIDTH)
        plot.getAxis("left").setStyle(tickLength=-4)
        return plot

    def _on_range(self, *_: object) -> None:
        self.seen.emit(*self.range_s)

    def _on_edge_moved(self, item: Any) -> None:
        for other in self._regions:
            if other is not item:
                other.blockSignals(True)
                other.setRegion(item.getRegion())
                other.blockSignals(False)

    def _on_edge_dropped(self, item: Any) -> None:
        start_s, end_s = item.getRegion()
        self.region_requested.emit((max(0.0, float(start_s)), min(float(end_s), self.duration_s)))

    def _on_moved(self, place: QPointF) -> None:
        for view, has_pitch in ((self._wave_view, False), (self._spectrum_view, True)):
            if view.sceneBoundingRect().contains(place) and self.duration_s:
                at = view.mapSceneToView(place)
                words = clock(at.x(), 3)
                self.pointed.emit(f"{words}   {hertz(2 ** at.y())}" if has_pitch else words)
                return
        self.pointed.emit("")


class _View(pg.ViewBox):  # type: ignore[misc]
    """Zooms with the wheel, selects by dragging, seeks by clicking."""

    def __init__(self, plots: SoundPlots) -> None:
        super().__init__(enableMenu=False)
        self._plots = plots
        self.setDefaultPadding(0)

    def wheelEvent(self, event: Any, axis: object = None) -> None:
        steps = event.delta() / 120
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if sideways or event.orientation() == Qt.Orientation.Horizontal:
            self._plots.pan(-steps / 8)
        else:
            self._plots.zoom(steps, self.mapSceneToView(event.scenePos()).x())
        event.accept()

    def mouseDragEvent(self, event: Any, axis: object = None) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        duration_s = self._plots.duration_s
        edges = sorted(
            min(max(0.0, self.mapSceneToView(place).x()), duration_s)
            for place in (event.buttonDownScenePos(), event.scenePos())
        )
        self._plots.set_region((edges[0], edges[1]))
        if event.isFinish():
            self._plots.region_requested.emit((edges[0], edges[1]))

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        event.accept()
        if event.double():
            self._plots.region_requested.emit(None)
        else:
            self._plots.seek_requested.emit(max(0.0, self.mapSceneToView(event.scenePos()).x()))


class _HertzAxis(pg.AxisItem):  # type: ignore[misc]
    """Octaves, labelled in hertz."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        apart = _LABEL_PX * (high - low) / max(size, 1.0)
        kept: list[float] = []
        for place in (float(np.log2(hz)) for hz in _LABELLED_HZ):
            if low <= place <= high and all(abs(place - other) >= apart for other in kept):
                kept.append(place)
        return [(1.0, sorted(kept))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [hertz(2**value) for value in values]


class _TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Minutes and seconds."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        decimals = 0 if spacing >= 1 else 1 if spacing >= 0.1 else 2 if spacing >= 0.01 else 3
        return [clock(value, decimals) for value in values]


def hertz(frequency: float) -> str:
    """A frequency in words: `50 Hz`, `1.2 kHz`."""
    if round(frequency) < 1_000:
        return f"{frequency:.0f} Hz"
    return f"{frequency / 1_000:.1f}".removesuffix(".0") + " kHz"


def _dress_region(region: Any, chosen: Tokens) -> None:
    ground = chosen.colour("accent")
    ground.setAlpha(_SHADE)
    region.setBrush(ground)
    region.setHoverBrush(ground)
    for line in region.lines:
        line.setPen(pg.mkPen(chosen.colour("accent_text"), width=2))
        line.setHoverPen(pg.mkPen(chosen.colour("text"), width=2))
