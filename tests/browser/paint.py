"""A page in Chromium -> what it costs a visitor, by the browser's own account."""

from dataclasses import dataclass

from playwright.sync_api import Page

_ACCOUNT = """
() => new Promise(resolve => {
    let shift = 0;
    const painted = list => {
        const [first] = list.getEntriesByName('first-contentful-paint');
        if (first) setTimeout(() => resolve({...account(), paint: first.startTime}), 100);
    };
    const add = list => { for (const entry of list.getEntries()) shift += entry.value; };
    new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true});
    const account = () => {
        const loads = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        const sum = measure => loads.reduce((all, load) => all + load[measure], 0);
        return {shift, bytes: sum('decodedBodySize'), wire: sum('transferSize'), requests: loads.length};
    };
    new PerformanceObserver(painted).observe({type: 'paint', buffered: true});
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
    """Open an address and return what it cost, a tenth of a second after it was painted."""
    page.goto(address)
    return Paint(**page.evaluate(_ACCOUNT))
