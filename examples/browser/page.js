// The page's script: it tracks the page, and a click on its button.

const { newTracker, trackPageView, trackStructEvent } = window.snowplowBrowserTracking;

const endpoint = new URLSearchParams(location.search).get('collector');
newTracker('page', endpoint, { appId: 'page', eventMethod: 'post' });
trackPageView();
document.querySelector('button').addEventListener('click', () => {
  trackStructEvent({ category: 'page', action: 'click', label: 'buy' });
});
