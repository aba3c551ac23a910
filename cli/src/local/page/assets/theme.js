// Applies the theme that was chosen before anything is drawn; without a choice the system's counts.
'use strict';
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem('whiteout-theme'); } catch { /* storage may be forbidden */ }
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
