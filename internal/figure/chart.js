// Shapes and texts of swimlab's charts that Apache ECharts does not bring.
// Intervals arrive as rows [x, low, high], points as rows [x, y, low, high].
var swimlab = (function () {
  "use strict";

  // Shapes are clipped to the plot area, as ECharts clips its own lines.
  function clip(params) {
    var area = params.coordSys;
    return { type: "rect", shape: { x: area.x, y: area.y, width: area.width, height: area.height } };
  }

  // Intervals lie behind the lines, whose z2 is positive.
  var behind = -10;

  // band is the area between low and high, drawn once for the whole series.
  function band(color, opacity, step) {
    return function (params, api) {
      if (params.dataIndexInside !== 0) return;
      var low = [], high = [];
      function add(side, x, y) {
        var p = api.coord([x, y]);
        if (step && side.length > 0) side.push([p[0], side[side.length - 1][1]]);
        side.push(p);
      }
      for (var i = 0; i < params.dataInsideLength; i++) {
        add(low, api.value(0, i), api.value(1, i));
        add(high, api.value(0, i), api.value(2, i));
      }
      return {
        type: "polygon", silent: true, z2: behind, clipPath: clip(params),
        shape: { points: low.concat(high.reverse()) },
        style: { fill: color, opacity: opacity }
      };
    };
  }

  function whisker(color, x, low, high) {
    var style = { stroke: color, lineWidth: 1.2 };
    return [[x, low, x, high], [x - 3, low, x + 3, low], [x - 3, high, x + 3, high]].map(function (l) {
      return { type: "line", silent: true, z2: 1, style: style, shape: { x1: l[0], y1: l[1], x2: l[2], y2: l[3] } };
    });
  }

  // whiskers is one error bar for each row.
  function whiskers(color) {
    return function (params, api) {
      var low = api.coord([api.value(0), api.value(1)]);
      var high = api.coord([api.value(0), api.value(2)]);
      return { type: "group", silent: true, clipPath: clip(params), children: whisker(color, low[0], low[1], high[1]) };
    };
  }

  // bar is the bar at a place among count of them that share a slot of x.
  function bar(color, hollow, slot, place, count) {
    return function (params, api) {
      var x = api.value(0), y = api.value(1);
      var width = 0.8 * slot / count;
      var middle = x + (place + 0.5) * width - 0.4 * slot;
      var left = api.coord([middle - 0.46 * width, y]), right = api.coord([middle + 0.46 * width, y]);
      var floor = params.coordSys.y + params.coordSys.height;
      var zero = api.coord([x, 0])[1];
      var base = isFinite(zero) ? Math.min(zero, floor) : floor;
      var style = hollow ? { fill: "#ffffff", stroke: color, lineWidth: 1.5 } : { fill: color, opacity: 0.85 };
      var shapes = [{
        type: "rect", style: style,
        shape: { x: left[0], y: Math.min(base, left[1]), width: right[0] - left[0], height: Math.abs(base - left[1]) }
      }];
      var low = api.value(2), high = api.value(3);
      if (isFinite(low) && isFinite(high) && low !== null && high !== null) {
        shapes = shapes.concat(whisker("#222222", (left[0] + right[0]) / 2, api.coord([x, low])[1], api.coord([x, high])[1]));
      }
      return { type: "group", clipPath: clip(params), children: shapes };
    };
  }

  // waymarks puts a marker at some points of a dense line only.
  function waymarks(size, every, first) {
    return function (value, params) { return params.dataIndex % every === first ? size : 0; };
  }

  function html(s) { return echarts.format.encodeHTML(s); }

  function text(value) {
    return typeof value === "number" ? String(Number(value.toPrecision(5))) : "";
  }

  function nameOf(value, names) {
    for (var i = 0; i < names.length; i++) {
      if (names[i][0] === value) return names[i][1];
    }
    return names.length > 0 ? "" : text(value);
  }

  // dot shows a series' colour; hollow markers have it on their border.
  function dot(p) {
    var color = p.color === "#ffffff" ? p.borderColor : p.color;
    var fill = p.color === "#ffffff" ? "#ffffff" : color;
    return '<span style="display:inline-block;width:9px;height:9px;margin-right:5px;border-radius:50%;box-sizing:border-box;border:1.5px solid ' +
      html(color) + ";background:" + html(fill) + '"></span>';
  }

  // tooltip lists each series' value at one x, with its interval.
  function tooltip(label, names) {
    return function (points) {
      var lines = [];
      [].concat(points).forEach(function (p) {
        if (!Array.isArray(p.value) || p.value.length !== 4) return;
        if (lines.length === 0) lines.push("<b>" + html(label) + " " + html(nameOf(p.value[0], names)) + "</b>");
        var line = dot(p) + html(p.seriesName) + ": <b>" + text(p.value[1]) + "</b>";
        if (typeof p.value[2] === "number") line += " [" + text(p.value[2]) + ", " + text(p.value[3]) + "]";
        lines.push(line);
      });
      return lines.join("<br>");
    };
  }

  // names labels an axis whose values stand for names.
  function names(pairs) {
    return function (value) { return nameOf(value, pairs); };
  }

  // place is a dot on a map with its height as a bar and, for some, its name.
  // Rows are [x, y, height, name]; a marker without corners is a circle.
  function place(color, corners, labels) {
    return function (params, api) {
      var foot = api.coord([api.value(0), api.value(1)]);
      var head = api.coord([api.value(0), api.value(1) + api.value(2)]);
      var shapes = [{ type: "circle", shape: { cx: foot[0], cy: foot[1], r: 3.5 }, style: { fill: color } }];
      if (corners.length > 0) {
        shapes = [{
          type: "polygon", style: { fill: color },
          shape: { points: corners.map(function (c) { return [foot[0] + 3.5 * c[0], foot[1] + 3.5 * c[1]]; }) }
        }];
      }
      if (api.value(2) > 0) {
        shapes.unshift({
          type: "line", silent: true, style: { stroke: color, lineWidth: 1.6, opacity: 0.55 },
          shape: { x1: foot[0], y1: foot[1], x2: head[0], y2: head[1] }
        });
      }
      if (labels[params.dataIndex]) {
        shapes.push({
          type: "text", silent: true, z2: 5,
          style: { text: labels[params.dataIndex], x: foot[0] + 6, y: foot[1], verticalAlign: "middle", fill: "#222222", fontSize: 10, stroke: "#ffffff", lineWidth: 2 }
        });
      }
      return { type: "group", children: shapes };
    };
  }

  // placeTip says what lies under the pointer.
  function placeTip(unit) {
    return function (p) {
      if (!Array.isArray(p.value) || typeof p.value[3] !== "string") return "";
      var line = dot(p) + "<b>" + html(p.value[3]) + "</b>";
      if (p.seriesName) line += ", " + html(p.seriesName);
      if (p.value[2] > 0) line += "<br>height " + text(p.value[2]) + " " + html(unit);
      return line;
    };
  }

  // frame is a panel's frame and title; the first has the scale bar. Rows are
  // [left, top, right, bottom].
  function frame(titles, bar, barText) {
    return function (params, api) {
      var a = api.coord([api.value(0), api.value(1)]), b = api.coord([api.value(2), api.value(3)]);
      var shapes = [
        { type: "rect", shape: { x: a[0], y: a[1], width: b[0] - a[0], height: b[1] - a[1] }, style: { fill: "none", stroke: "#e6e6e6" } },
        { type: "text", style: { text: titles[params.dataIndex], x: (a[0] + b[0]) / 2, y: a[1] - 2, align: "center", verticalAlign: "bottom", fill: "#222222", fontSize: 12 } }
      ];
      if (params.dataIndex === 0) {
        var length = api.size([bar, 0])[0], y = b[1] - 8;
        shapes.push({ type: "line", style: { stroke: "#444444", lineWidth: 1.5 }, shape: { x1: a[0] + 8, y1: y, x2: a[0] + 8 + length, y2: y } });
        shapes.push({ type: "text", style: { text: barText, x: a[0] + 12 + length, y: y, verticalAlign: "middle", fill: "#444444", fontSize: 11 } });
      }
      return { type: "group", silent: true, children: shapes };
    };
  }

  // legendRows is how many rows a legend takes in a width.
  function legendRows(names, width) {
    var pen = document.createElement("canvas").getContext("2d");
    pen.font = "12px sans-serif";
    var rows = 1, x = 0;
    names.forEach(function (name) {
      var entry = 25 + 5 + pen.measureText(name).width + 10; // sample, gap, text, gap
      if (x > 0 && x + entry > width) { rows++; x = 0; }
      x += entry;
    });
    return rows;
  }

  // fit gives the legend as many rows as it needs in the page's width, keeps a
  // map's lengths the same in all directions, and puts an axis's ticks where a
  // figure has its values.
  function fit(chart, option) {
    var legend = [].concat(option.legend)[0], top = 20, above = 4, right = 10;
    if (!option.swimlabAspect) { // beside the tools, or below them where there is little room
      top = 44;
      if (chart.getWidth() < 560) above = 30; else right = 100;
    }
    if (legend && legend.show) {
      var names = legend.data.map(function (entry) { return entry.name; });
      top = above + 16 + 24 * legendRows(names, chart.getWidth() - 10 - right);
    }
    var change = { legend: { left: 10, width: chart.getWidth() - 10 - right, top: above }, grid: [{ top: top }] };
    if (option.swimlabAspect) {
      var width = chart.getWidth() - 20, height = chart.getHeight() - top - 10;
      var used = Math.min(width, height / option.swimlabAspect);
      change.grid = [{ left: 10 + (width - used) / 2, top: top, width: used, height: used * option.swimlabAspect }];
    }
    if (option.swimlabTicks) {
      change.xAxis = [{ axisLabel: { customValues: option.swimlabTicks }, axisTick: { customValues: option.swimlabTicks } }];
    }
    chart.setOption(change);
  }

  return { place: place, placeTip: placeTip, frame: frame, fit: fit, band: band, waymarks: waymarks, whiskers: whiskers, bar: bar, tooltip: tooltip, names: names };
})();
