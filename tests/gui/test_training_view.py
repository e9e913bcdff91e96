"""The view of a training that runs, fed by hand."""

from __future__ import annotations

import pytest

from engine.jobs.events import Finished, Metric, Paused, Point, Progress, Resumed, Stopping
from engine.recipe.model import Recipe
from studio.document.messages import CancelJob, ClearJobs, JobAdded, JobNews, PauseJob, StopJob
from studio.document.state import JobState, JobStatus, Purpose
from studio.views.training import TrainingView
from tests.helpers.documents import store_with


def job(number, status=JobStatus.RUNNING):
    return JobState(number, "Apply", Purpose.APPLY, status=status)


@pytest.fixture
def store(qapp):
    return store_with(Recipe())


@pytest.fixture
def view(qtbot, store):
    view = TrainingView(store)
    qtbot.addWidget(view)
    view.resize(900, 260)
    view.show()
    qtbot.waitExposed(view)
    store.dispatch(JobAdded(job(3)))
    return view


def report(store, *points, number=3):
    store.dispatch(JobNews(Metric(number, tuple(Point(*one) for one in points))))


def wishes(store, kind):
    found = []
    store.dispatched.connect(lambda message: found.append(message) if type(message) is kind else 0)
    return found


def test_it_waits_for_a_training(view, store):
    assert view.empty.isVisible()
    report(store, ("loss", 0, 1.0))
    assert not view.empty.isVisible()


def test_points_are_taken_once(view, store):
    report(store, ("loss", 0, 1.0), ("loss", 1, 0.9))
    report(store, ("loss", 2, 0.8), ("learning rate", 2, 0.1))
    assert view.plot.count("loss") == 3
    store.dispatch(JobNews(Progress(3, "Epoch 1", 1, 4, 10.0)))
    assert view.plot.count("loss") == 3
    assert view.plot.count("learning rate") == 1


def test_a_view_that_is_made_late_shows_all(qtbot, store):
    store.dispatch(JobAdded(job(3)))
    report(store, ("loss", 0, 1.0))
    report(store, ("loss", 1, 1.0))
    view = TrainingView(store)
    qtbot.addWidget(view)
    assert view.plot.count("loss") == 2


def test_the_head_tells_progress_and_what_is_left(view, store):
    report(store, ("loss", 0, 1.0))
    store.dispatch(JobNews(Progress(3, "Epoch 1 of 4", 1, 4, 10.0)))
    assert view._state.text() == "Epoch 1 of 4 · ~30 s left"
    assert view.bar.value() == 250
    store.dispatch(JobNews(Progress(3, "Reading", 0, 0, 1.0)))
    assert view.bar.maximum() == 0


def test_the_best_state_is_that_of_the_highest_accuracy(view, store):
    report(store, ("validation accuracy", 10, 0.8), ("validation loss", 10, 0.5))
    report(store, ("validation accuracy", 20, 0.9), ("validation loss", 20, 0.6))
    report(store, ("validation accuracy", 30, 0.85), ("validation loss", 30, 0.1))
    assert "best accuracy 90.00 % at step 20" in view._state.text()
    assert view.plot._best == 20


def test_with_as_many_right_answers_the_smaller_loss_is_better(view, store):
    for step, loss in ((10, 0.5), (20, 0.3), (30, 0.4)):
        report(store, ("validation accuracy", step, 0.8), ("validation loss", step, loss))
    assert "at step 20" in view._state.text()
    report(store, ("validation accuracy", 40, 0.9), ("validation loss", 40, float("nan")))
    assert "at step 20" in view._state.text()


def test_without_accuracy_the_lowest_loss_is_the_best(view, store):
    report(store, ("validation loss", 10, 0.5), ("validation loss", 20, 0.3))
    report(store, ("validation loss", 30, 0.4))
    assert "lowest validation loss 0.3 at step 20" in view._state.text()


def test_the_next_training_of_a_run_has_its_own_best(view, store):
    report(store, ("loss", 1, 1.0), ("validation accuracy", 10, 0.9), ("validation loss", 10, 0.1))
    report(store, ("loss", 1, 1.0), ("validation accuracy", 5, 0.7), ("validation loss", 5, 0.3))
    assert "best accuracy 70.00 % at step 5" in view._state.text()


def test_buttons_wish(view, store):
    report(store, ("loss", 0, 1.0))
    paused, stopped, cancelled = (wishes(store, k) for k in (PauseJob, StopJob, CancelJob))
    view.pause.click()
    store.dispatch(JobNews(Paused(3)))
    assert view.pause.text() == "Go on"
    view.pause.click()
    store.dispatch(JobNews(Resumed(3)))
    assert view.pause.text() == "Pause"
    view.stop.click()
    store.dispatch(JobNews(Stopping(3, keep=True)))
    assert not view.stop.isEnabled()
    assert not view.cancel.isEnabled()
    assert paused == [PauseJob(3, True), PauseJob(3, False)]
    assert stopped == [StopJob(3)]
    assert cancelled == []


def test_cancel_wishes(view, store):
    report(store, ("loss", 0, 1.0))
    cancelled = wishes(store, CancelJob)
    view.cancel.click()
    assert cancelled == [CancelJob(3)]


def test_what_is_over_stays_until_the_next(view, store):
    report(store, ("loss", 0, 1.0))
    store.dispatch(JobNews(Finished(3, None)))
    assert view._state.text() == "Finished"
    assert not view.bar.isVisible()
    assert not view.pause.isEnabled()
    store.dispatch(JobAdded(job(4)))
    assert view.plot.count("loss") == 1
    report(store, ("loss", 0, 2.0), ("loss", 1, 2.0), number=4)
    assert view.plot.count("loss") == 2
    assert view.job is not None
    assert view.job.number == 4


def test_cleared_jobs_leave_nothing(view, store):
    report(store, ("loss", 0, 1.0))
    store.dispatch(JobNews(Finished(3, None)))
    store.dispatch(ClearJobs())
    assert view.empty.isVisible()
    assert view.plot.count("loss") == 0
