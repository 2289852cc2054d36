/*
 * In newer browsers `scrollIntoView` decides as well where the Tab key goes on from: an element that is only shown would take who uses the
 * keyboard past everything above it.
 */

/** Scrolls a list no further than needed to show an element in it. The Tab key goes on from where it was. */
export function scrollTo (element: Element, list: Element): void {
  const inner = element.getBoundingClientRect()
  const outer = list.getBoundingClientRect()
  list.scrollTop += Math.min(inner.top - outer.top, 0) || Math.max(inner.bottom - outer.bottom, 0)
  list.scrollLeft += Math.min(inner.left - outer.left, 0) || Math.max(inner.right - outer.right, 0)
}

/** Scrolls the page to a part of it, and gives the focus to that part or to an element in it: the Tab key goes on from there. */
export function showFocused (part: HTMLElement, focused = part): void {
  part.scrollIntoView({ block: 'nearest' })
  focused.focus({ preventScroll: true })
}
