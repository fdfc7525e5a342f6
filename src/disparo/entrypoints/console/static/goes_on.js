// <form data-goes-on> is one part of a longer work: it sends itself, and the page that it leads to holds the next one.
document.querySelector("form[data-goes-on]")?.requestSubmit();
