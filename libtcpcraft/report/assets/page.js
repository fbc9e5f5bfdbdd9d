(function () {
  "use strict";
  var segments = Array.prototype.slice.call(document.querySelectorAll("g.seg"));
  var tools = document.getElementById("tools");
  var panel = document.getElementById("panel");
  if (!tools || !panel) return;
  var pinned = null;

  // What a title says becomes the panel's; the browser's own hint would lie above it.
  segments.forEach(function (segment) {
    var title = segment.querySelector("title");
    var wide = segment.id.indexOf("n-") === 0 ? document.getElementById(segment.id.slice(2)) : null;
    segment.told = wide ? wide.told : title.textContent.split("\n");
    segment.setAttribute("aria-label", segment.told.join(", "));
    segment.setAttribute("role", "img");
    title.remove();
  });

  function add(parent, tag, text) {
    var made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  function button(text, action) {
    var made = add(panel, "button", text);
    made.type = "button";
    made.addEventListener("click", action);
    return made;
  }

  function notationOf(segment) {
    return segment.told[segment.told.length - 1].slice("Notation: ".length);
  }

  function copy(text, said) {
    function done(how) { said.textContent = how; }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(
        function () { done("copied"); }, function () { done("select it and copy"); });
      return;
    }
    var area = add(document.body, "textarea", text);
    area.select();
    done(document.execCommand("copy") ? "copied" : "select it and copy");
    area.remove();
  }

  function show(segment) {
    segments.forEach(function (one) { one.classList.toggle("on", one === segment); });
    panel.textContent = "";
    panel.hidden = !segment;
    if (!segment) return;
    add(panel, "h4", segment.told[0]);
    var list = add(panel, "dl");
    segment.told.slice(1).forEach(function (line) {
      var colon = line.indexOf(": ");
      add(list, "dt", line.slice(0, colon));
      add(list, "dd", line.slice(colon + 2));
    });
    var said = document.createElement("span");
    button("Copy as notation", function () { copy(notationOf(segment), said); });
    panel.appendChild(document.createTextNode(" "));
    button("Close", function () { pinned = null; show(null); segment.focus(); });
    panel.appendChild(document.createTextNode(" "));
    said.setAttribute("role", "status");
    panel.appendChild(said);
  }

  function shown(element) { return element.getClientRects().length > 0; }

  // One stop for the Tab key in each ladder; arrows go on from there.
  function row(ladder) {
    return Array.prototype.filter.call(ladder.querySelectorAll("g.seg"), function (one) {
      return !one.classList.contains("off");
    });
  }
  Array.prototype.forEach.call(document.querySelectorAll(".ladder"), function (ladder) {
    Array.prototype.forEach.call(ladder.querySelectorAll("g.seg"), function (one, i) {
      one.setAttribute("tabindex", i === 0 ? "0" : "-1");
    });
    ladder.addEventListener("keydown", function (event) {
      var at = event.target.closest ? event.target.closest("g.seg") : null;
      if (!at) return;
      var all = row(ladder);
      var to = { ArrowDown: all.indexOf(at) + 1, ArrowUp: all.indexOf(at) - 1, Home: 0,
                 End: all.length - 1 }[event.key];
      if (event.key === "Enter" || event.key === " ") {
        pinned = at;
        show(at);
      } else if (all[to]) {
        at.setAttribute("tabindex", "-1");
        all[to].setAttribute("tabindex", "0");
        all[to].focus();
        all[to].scrollIntoView({ block: "nearest" });
      } else {
        return;
      }
      event.preventDefault();
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { pinned = null; show(null); }
  });

  segments.forEach(function (segment) {
    segment.addEventListener("mouseenter", function () { if (!pinned) show(segment); });
    segment.addEventListener("focus", function () { if (!pinned) show(segment); });
    segment.addEventListener("click", function (event) {
      if (event.target.closest("a") || String(window.getSelection())) return;
      pinned = pinned === segment ? null : segment;
      show(segment);
    });
  });
  document.addEventListener("click", function (event) {
    if (pinned && !event.target.closest("g.seg") && !panel.contains(event.target)) {
      pinned = null;
      show(null);
    }
  });
  Array.prototype.forEach.call(document.querySelectorAll(".ladder"), function (ladder) {
    ladder.addEventListener("mouseleave", function (event) {
      if (!pinned && !panel.contains(event.relatedTarget)) show(null);
    });
  });

  // A link to a segment opens what it lies in, and shows it.
  function reveal() {
    var name = decodeURIComponent(location.hash.slice(1));
    var target = name && document.getElementById(name);
    if (!target) return;
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    if (!shown(target)) return;
    target.scrollIntoView({ block: "center" });
    if (target.classList.contains("seg")) { pinned = target; show(target); }
  }
  window.addEventListener("hashchange", reveal);

  var kinds = {
    all: function () { return true; },
    unusual: function (one) { return one.told.some(function (line) { return /^Unusual: /.test(line); }); },
    again: function (one) { return one.classList.contains("again"); },
    out: function (one) { return one.classList.contains("out"); },
    "in": function (one) { return one.classList.contains("in"); },
    verdicts: function (one) { return one.querySelector("a") !== null; }
  };
  var words = tools.querySelector("input");
  var kind = tools.querySelector("select");
  var count = tools.querySelector("output");
  function filter() {
    var wanted = words.value.toLowerCase();
    var seen = 0;
    var all = 0;
    segments.forEach(function (one) {
      var fits = kinds[kind.value](one) &&
          (!wanted || one.told.join("\n").toLowerCase().indexOf(wanted) >= 0);
      one.classList.toggle("off", !fits);
      if (one.id.charAt(0) !== "n") {
        all += 1;
        seen += fits ? 1 : 0;
      }
    });
    count.textContent = seen === all ? all + " segments" : seen + " of " + all + " segments";
  }
  words.addEventListener("input", filter);
  kind.addEventListener("change", filter);
  Array.prototype.forEach.call(tools.querySelectorAll("button"), function (one) {
    one.addEventListener("click", function () {
      Array.prototype.forEach.call(document.querySelectorAll("details.connection,details.many"), function (d) {
        d.open = one.value === "open";
      });
    });
  });
  window.addEventListener("beforeprint", function () { show(null); });
  tools.hidden = false;
  filter();
  reveal();
})();
