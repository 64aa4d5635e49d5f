"""A page in Chromium -> what it costs a visitor, by the browser's own account."""

from dataclasses import dataclass

from playwright.sync_api import Page

_ACCOUNT = """
() => new Promise(resolve => {
    let shift = 0;
    const add = list => { for (const entry of list.getEntries()) shift += entry.value; };
    new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true});
    const loads = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    setTimeout(() => resolve({
        paint: paint ? paint.startTime : NaN,
        shift,
        bytes: loads.reduce((sum, load) => sum + load.decodedBodySize, 0),
        wire: loads.reduce((sum, load) => sum + load.transferSize, 0),
        requests: loads.length,
    }), 100);
})
"""


@dataclass(frozen=True, slots=True)
class Paint:
    """First contentful paint in milliseconds, the sum of layout shifts, bytes unpacked and as sent, requests."""

    paint: float
    shift: float
    bytes: int
    wire: int
    requests: int


def measure(page: Page, address: str) -> Paint:
    """Open an address and return what it cost, a tenth of a second after all was loaded."""
    page.goto(address)
    return Paint(**page.evaluate(_ACCOUNT))
