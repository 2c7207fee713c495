// A classic script that runs before the first paint, so that the page does not flash in the wrong scheme.
{
  let scheme = null
  try {
    scheme = localStorage.getItem('spillway-scheme')
  } catch {
    // Storage may be forbidden: then the scheme of the system applies.
  }
  if (scheme === 'light' || scheme === 'dark') document.documentElement.dataset.scheme = scheme
}
