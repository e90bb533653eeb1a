
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
    var chart, option;
    function resize() {
      chart.resize();
      swimlab.fit(chart, option);
    }
    try {
      chart = echarts.init(box, null, { renderer: "svg" });
      option = entry.option();
      chart.setOption(option);
      swimlab.fit(chart, option);
    } catch (error) { // the drawn figure says the same
      figure.classList.remove("live");
      console.error(error);
      return;
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      var live = figure.classList.toggle("live");
      button.textContent = live ? "Show as drawn" : "Show as chart";
      if (live) resize();
    });
    window.addEventListener("resize", resize);
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (window.echarts) charts.forEach(start);
  });
})();
