
// Puts interactive charts in the place of the figures, if ECharts is there.
(function () {
  "use strict";
  var charts = [];

  swimlab.chart = function (id, option) { charts.push({ id: id, option: option }); };

  function start(entry) {
    var box = document.getElementById(entry.id);
    var figure = box.closest("figure");
    var button = figure.querySelector("button");
    figure.classList.add("live");
    var chart;
    try {
      chart = echarts.init(box, null, { renderer: "svg" });
      chart.setOption(entry.option());
    } catch (error) { // the drawn figure says the same
      figure.classList.remove("live");
      console.error(error);
      return;
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      var live = figure.classList.toggle("live");
      button.textContent = live ? "Show as drawn" : "Show as chart";
      if (live) chart.resize();
    });
    window.addEventListener("resize", function () { chart.resize(); });
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (window.echarts) charts.forEach(start);
  });
})();
