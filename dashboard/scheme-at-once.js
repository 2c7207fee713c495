// A classic script that runs before the page is painted, so that a chosen scheme does not flash up as the other one.
{
  let scheme = null
  try {
    scheme = localStorage.getItem('spillway-scheme')
  } catch {
    // Storage may be forbidden: the scheme of the system is as good.
  }
  if (scheme === 'light' || scheme === 'dark') document.documentElement.dataset.scheme = scheme
}
