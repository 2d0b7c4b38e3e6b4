// Where the thread stands: at its end it follows, elsewhere what is looked at stays where it is, whatever loads above or
// changes around it.

const nearBottom = 60;

export class Scroller {
  isAtBottom = true;

  constructor(element, list, onScroll) {
    Object.assign(this, { element, list });
    element.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      this.isAtBottom = scrollHeight - scrollTop - clientHeight < nearBottom;
      onScroll();
    }, { passive: true });
    // The keyboard of a phone, a growing composer, late fonts.
    const observer = new ResizeObserver(() => this.isAtBottom && this.toBottom());
    observer.observe(element);
    observer.observe(list);
  }

  /** Runs `change` and keeps the place. */
  keep(change) {
    const anchor = this.isAtBottom ? null : this.#anchor();
    const offset = anchor ? anchor.offsetTop - this.element.scrollTop : 0;
    change();
    if (this.isAtBottom) this.toBottom();
    else if (anchor?.isConnected && anchor.offsetTop - this.element.scrollTop !== offset) this.element.scrollTop = anchor.offsetTop - offset;
  }

  /** The first message that is in view. */
  #anchor() {
    const { children } = this.list;
    const top = this.element.scrollTop;
    let low = 0;
    let high = children.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (children[middle].offsetTop + children[middle].offsetHeight > top) high = middle;
      else low = middle + 1;
    }
    // A separator may go; the message after it stays.
    for (let index = low; index < children.length; index += 1) if (children[index].entry) return children[index];
    return children[low];
  }

  toBottom() {
    this.isAtBottom = true;
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** Puts an element a little below the upper edge, unless it is in the last screen anyway. */
  toTopOf(element, margin = 60) {
    const place = element.offsetTop - margin;
    const last = this.element.scrollHeight - this.element.clientHeight;
    if (place >= last) return this.toBottom();
    this.isAtBottom = false;
    this.element.scrollTop = place;
  }

  toMiddleOf(element) {
    this.isAtBottom = false;
    this.element.scrollTop = element.offsetTop - (this.element.clientHeight - element.offsetHeight) / 2;
  }

  /** Pages up (-1) or down (1). */
  page(step) {
    this.element.scrollBy({ top: step * this.element.clientHeight * 0.85 });
  }
}
