/* The one place that touches the history. Links are plain <a href>; clicks on them come here. */
import { parseRoute, routeUrl, type Route } from './url.ts';

class Router {
  route = $state.raw<Route>(parseRoute(location.pathname, location.search));
  /** Where one goes, while the page one leaves is still there. */
  coming = $state.raw<Route | null>(null);
  /** Grows with each navigation that is a new page, not a change of the page's own address. */
  visits = $state(0);

  start(): () => void {
    history.scrollRestoration = 'manual';
    const onPop = () => this.#turn(parseRoute(location.pathname, location.search));
    const onClick = (event: MouseEvent) => this.#click(event);
    addEventListener('popstate', onPop);
    document.addEventListener('click', onClick);
    return () => {
      removeEventListener('popstate', onPop);
      document.removeEventListener('click', onClick);
    };
  }

  /** `ready`: only then; until it goes somewhere else. */
  go(route: Route, ready: Promise<unknown> | null = null): void {
    /* a double click goes there once */
    if (this.coming && routeUrl(route) === routeUrl(this.coming)) return;
    if (!ready) return this.#enter(route);
    this.coming = route;
    void ready.then(() => this.coming === route && this.#enter(route));
  }

  /** The address follows what is shown; back does not step through it. */
  replace(route: Route): void {
    history.replaceState(history.state, '', routeUrl(route));
    this.route = route;
  }

  /** Only the address bar: nothing is told, nothing is loaded. */
  relabel(route: Route): void {
    history.replaceState(history.state, '', routeUrl(route));
  }

  #enter(route: Route): void {
    history.pushState(null, '', routeUrl(route));
    this.#turn(route);
  }

  #turn(route: Route): void {
    this.coming = null;
    this.visits++;
    this.route = route;
  }

  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link?.href || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
    if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
    event.preventDefault();
    this.go(parseRoute(url.pathname, url.search));
  }
}

export const router = new Router();
